import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../src/kinds/types.ts';
import type { Translation } from '../host-file.ts';
import { translateNetwork } from './network.ts';
import { translatePod } from './pod.ts';
import { parseCase } from './pod-case.ts';

/*
 * The judges of what a pod becomes are the tools that read it: Podman's generator and systemd, of this machine. Commands
 * are not looked at as text: systemd runs them, with a recorder in front that writes down the words it was given.
 */

const CASES = new URL('../testdata/pod/', import.meta.url);
const GENERATOR = '/usr/libexec/podman/quadlet';
const EXEC = /^(Exec(?:StartPre|Start|StartPost|Stop|StopPost))=([-+!:@]*)(.*)$/s;
const UNITS = '/run/systemd/system';
const IMAGE = 'example.com/a:1';

const run = promisify(execFile);
const podmanVersion = execFileSync('podman', ['--version'], { encoding: 'utf8' }).trim().split(' ').at(-1) ?? '';
const network = translateNetwork({
  name: 'quadshift',
  ranges: [{ subnet: '10.42.0.0/16', gateway: '10.42.0.1' }],
  podmanVersion,
});

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quadshift-pod-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The generator's services by name, and what it had to say. */
async function generate({
  files,
}: Translation): Promise<{ services: ReadonlyMap<string, string>; complaints: string }> {
  const sources = mkdtempSync(join(folder, 'in-'));
  for (const { root, path, content } of [...files, ...network.files]) {
    if (root === 'quadlet') writeFileSync(join(sources, path), content);
  }
  const env = { ...process.env, QUADLET_UNIT_DIRS: sources };
  const { stdout, stderr } = await run(GENERATOR, ['-dryrun'], { env, maxBuffer: 2 ** 26 });
  const parts = stdout.split(/^---(\S+)---$/m).slice(1);
  const pairs = parts.flatMap((name, at) => (at % 2 === 0 ? [[name, parts[at + 1] ?? ''] as const] : []));
  rmSync(sources, { recursive: true });
  return { services: new Map(pairs), complaints: stderr.replace(/^.*Loading source unit file.*\n/gm, '').trim() };
}

describe.each(readdirSync(CASES))('the case %s', (name) => {
  const { pod, context } = parseCase(readFileSync(new URL(name, CASES), 'utf8'));
  const translation = translatePod(pod, { ...context, podmanVersion });

  it('is taken by the generator as it is, and its units by systemd', async () => {
    const { services, complaints } = await generate(translation);
    expect(complaints).toBe('');
    const quadlets = translation.files.filter(({ root }) => root === 'quadlet');
    expect(services.size).toBe(quadlets.length + 1);
    const units = mkdtempSync(join(folder, 'units-'));
    const own = translation.files.filter(({ root, path }) => root === 'unit' && !path.includes('/'));
    for (const [unit, text] of services) writeFileSync(join(units, unit), text);
    for (const { path, content } of own) writeFileSync(join(units, path), content);
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${units}:` };
    const paths = readdirSync(units).map((unit) => join(units, unit));
    const verified = await run('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...paths], {
      env,
    }).then(
      ({ stderr }) => stderr,
      ({ stderr }: { stderr: string }) => stderr,
    );
    // Scripts of this one pod are not there.
    const said = verified.split('\n').filter((line) => line.includes(units) && !line.includes('/var/lib/quadshift/'));
    expect(said).toEqual([]);
  });
});

/** What systemd ran for a container: the words of each command, in order. */
type Commands = readonly (readonly string[])[];

/** Has systemd run all commands of the services at once, recorded instead of carried out. */
async function record(services: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, Commands>> {
  const words = mkdtempSync(join(folder, 'words-'));
  const recorder = join(folder, 'record.sh');
  writeFileSync(recorder, 'out=$1; shift; printf \'%s\\0\' "$@" > "$out"\n');
  const names = [...services.keys()];
  const units = names.map((_, at) => `quadshift-recorded-${at}.service`);
  const counts = names.map((name, at) => {
    const lines = (services.get(name) ?? '').split('\n');
    const commands = lines.flatMap((line) => EXEC.exec(line)?.[3] ?? []);
    const recorded = commands.map((line, index) => `ExecStart=/bin/sh ${recorder} ${words}/${at}.${index} ${line}`);
    const environment = lines.filter((line) => line.startsWith('Environment='));
    const service = ['[Service]', 'Type=oneshot', ...environment, ...recorded, ''];
    writeFileSync(join(UNITS, units[at] ?? ''), service.join('\n'));
    return commands.length;
  });
  try {
    await run('systemctl', ['daemon-reload']);
    await run('systemctl', ['start', ...units]);
    const read = (at: number, index: number) =>
      readFileSync(`${words}/${at}.${index}`, 'utf8').split('\0').slice(0, -1);
    return new Map(
      names.map((name, at) => [name, Array.from({ length: counts[at] ?? 0 }, (_, index) => read(at, index))]),
    );
  } finally {
    for (const unit of units) rmSync(join(UNITS, unit), { force: true });
  }
}

/** Values of an option of podman, written with a blank or with an equals sign. */
function optionValues(words: readonly string[], option: string): readonly string[] {
  return words.flatMap((word, at) =>
    word === option ? [words[at + 1] ?? ''] : word.startsWith(`${option}=`) ? [word.slice(option.length + 1)] : [],
  );
}

const text = fc.oneof(
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .filter((value) => !/\0|\p{Noncharacter_Code_Point}/u.test(value)),
  fc.constantFrom(
    ...[';', '$', '%', '%%', '$$', '%n', '$' + '{HOME}', '$HOME', '\u0080', ' ', '  a  b ', '"', "'", '\\', '\\\\'],
    ...[
      '\n',
      'a\\\nb',
      '\r\n',
      '\t',
      '-',
      '--',
      '--privileged',
      '--env=X=1',
      'a,b',
      'a:b:ro',
      '#x',
      '@x',
      '`id`',
      '\ufeff',
    ],
    ...['a\n[Service]\nExecStart=/bin/false\n', 'x\nUser=0', "'; touch /injected; '", '世界 🌍', '\u202e', '\u2028'],
  ),
);
const word = fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: fc.constant('') });
const words = fc.array(word, { minLength: 1, maxLength: 4 });
const command = fc.tuple(text, fc.array(word, { maxLength: 4 })).map(([first, rest]) => [first, ...rest]);
const pathPart = text.map((value) => value.replaceAll(/[:/]/g, '_')).filter((value) => !/^\.*$/.test(value));
const variable = fc.record({ name: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/), value: word });

const container: fc.Arbitrary<Partial<Container>> = fc.record({
  command,
  args: words,
  workingDir: text.map((value) => `/${value}`),
  env: fc.uniqueArray(variable, { maxLength: 4, selector: ({ name }) => name }),
  lifecycle: fc.record({
    postStart: command.map((each) => ({ exec: { command: each } })),
    preStop: command.map((each) => ({ exec: { command: each } })),
  }),
  volumeMounts: fc
    .record({ mountPath: pathPart.map((part) => `/m/${part}`), subPath: pathPart })
    .map((mount) => [{ name: 'data', ...mount }]),
});

/** A dollar sign doubled is one; a reference to nothing stays. */
const unreferenced = (value: string): string => value.replaceAll('$', '$$$$');

function podOf(containers: readonly Partial<Container>[]): Pod {
  const named = containers.map((each, at) => ({
    ...each,
    name: `c${at}`,
    image: IMAGE,
    command: each.command?.map(unreferenced),
    args: each.args?.map(unreferenced),
    env: each.env?.map(({ name, value }) => ({ name, value: unreferenced(value ?? '') })),
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
    spec: { containers: named as Container[], volumes: [{ name: 'data', emptyDir: {} }] },
  };
}

const { context } = parseCase(readFileSync(new URL('command.yaml', CASES), 'utf8'));

/** The variables that podman is told of: by files, by options, by secrets. */
function variablesOf(podmanRun: readonly string[], { files }: Translation, commands: Commands): readonly string[] {
  const textOf = (path: string): string =>
    Buffer.from(files.find((file) => path.endsWith(`/${file.path}`))?.content ?? '').toString('utf8');
  const fromFiles = optionValues(podmanRun, '--env-file').flatMap((path) => textOf(path).split('\n').slice(0, -1));
  const fromSecrets = optionValues(podmanRun, '--secret').map((value) => {
    const [, secret, name] = /^(.*),type=env,target=(.*)$/s.exec(value) ?? [];
    const created = commands.find((each) => each[1] === 'secret' && each[2] === 'create' && each.at(-2) === secret);
    return `${name}=${textOf(created?.at(-1) ?? '')}`;
  });
  return [...fromFiles, ...fromSecrets, ...optionValues(podmanRun, '--env')];
}

/** Comma separated, in quotes where need be, as podman reads `--mount`. */
function csv(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'),
  );
}

const endsWith = (commands: Commands, script: string): readonly string[] =>
  commands.find(([first]) => first === `/usr/lib/quadshift/${script}`) ?? [];

function expectExact(given: Partial<Container>, commands: Commands, translation: Translation): void {
  const podmanRun = commands.find((each) => each.includes('run') && each.includes(IMAGE)) ?? [];
  const at = podmanRun.indexOf(IMAGE);
  const options = podmanRun.slice(0, at);
  expect(podmanRun.slice(at + 1)).toEqual(given.args);
  expect(optionValues(options, '--entrypoint').map((value) => JSON.parse(value))).toEqual([given.command]);
  expect(optionValues(options, '--workdir')).toEqual([given.workingDir]);
  const variables = variablesOf(options, translation, commands);
  for (const { name, value } of given.env ?? []) expect(variables).toContain(`${name}=${value}`);
  expect(variables).toHaveLength(
    (given.env?.length ?? 0) + (given.env?.some(({ name }) => name === 'HOSTNAME') ? 0 : 1),
  );
  const [mount] = given.volumeMounts ?? [];
  const mounts = optionValues(options, '--mount').map(csv);
  expect(mounts).toHaveLength(3);
  expect(mounts).toContainEqual([
    'type=bind',
    `source=/var/lib/quadshift/pods/u1/volumes/empty-dir/data/${mount?.subPath}`,
    `destination=${mount?.mountPath}`,
    'bind-propagation=rprivate',
    'relabel=shared',
  ]);
  expect(endsWith(commands, 'container-post-start').slice(4)).toEqual([
    'exec',
    ...(given.lifecycle?.postStart?.exec?.command ?? []),
  ]);
  expect(endsWith(commands, 'container-stop').slice(4)).toEqual([
    'exec',
    ...(given.lifecycle?.preStop?.exec?.command ?? []),
  ]);
  expect(options).not.toContain('--privileged');
}

/** Sections once each, and no command but those that are always there: a line break in a value ends nothing. */
function expectNothingInjected(service: string): void {
  const sections = [...service.matchAll(/^\[(.*)\]$/gm)].map(([, name]) => name);
  expect(new Set(sections).size).toBe(sections.length);
  const programs = service.split('\n').flatMap((line) => EXEC.exec(line)?.[3]?.split(' ')[0] ?? []);
  for (const program of programs)
    expect(program).toMatch(/^\/(usr\/bin\/podman|usr\/lib\/quadshift\/[a-z-]+|bin\/sh)$/);
}

describe('whatever a manifest says', () => {
  it('reaches podman byte for byte, through the generator and systemd, and nothing else does', async () => {
    mkdirSync(UNITS, { recursive: true });
    await fc.assert(
      fc.asyncProperty(fc.array(container, { minLength: 1, maxLength: 5 }), async (containers) => {
        const translation = translatePod(podOf(containers), { ...context, podmanVersion });
        expect(translation.diagnostics).toEqual([]);
        const { services, complaints } = await generate(translation);
        expect(complaints).toBe('');
        expect(services.size).toBe(containers.length + 2);
        for (const service of services.values()) expectNothingInjected(service);
        const recorded = await record(services);
        for (const [at, given] of containers.entries()) {
          expectExact(given, recorded.get(`qs-shop_web_c${at}.service`) ?? [], translation);
        }
      }),
      // Each run is a daemon-reload: the first that fails says enough.
      { numRuns: 12, endOnFailure: true },
    );
    await run('systemctl', ['daemon-reload']);
  }, 240_000);
});
