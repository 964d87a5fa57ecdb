import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigMap, Deployment, ReplicaSet } from '../src/kinds/types.ts';
import { eventually, kubectl, kubectlStream } from './harness.ts';
import { getObject, remove, run } from './pods.ts';

const NAMESPACE = 'api-fidelity';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quadshift-api-'));
  await run('create', 'namespace', NAMESPACE);
});

afterAll(async () => {
  await remove('namespace', NAMESPACE);
  await rm(folder, { recursive: true });
});

/** kubectl in the namespace of these cases. */
function here(...args: readonly string[]): Promise<string> {
  return run('--namespace', NAMESPACE, ...args);
}

/** kubectl with a manifest on its standard input, whatever becomes of it. */
function given(manifest: object | string, ...args: readonly string[]) {
  const input = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  return kubectl(['--namespace', NAMESPACE, ...args, '-f', '-'], { input });
}

function configMap(name: string, data: ConfigMap['data'], labels: { readonly [name: string]: string } = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data };
}

async function dataOf(name: string): Promise<ConfigMap['data']> {
  return (await getObject<ConfigMap>('--namespace', NAMESPACE, 'configmap', name)).data;
}

/** A Deployment that never has a pod. */
function emptyDeployment(name: string): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'localhost:5000/hello:v1' }] } };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

async function replicaSetsOf(name: string): Promise<readonly ReplicaSet[]> {
  const args = ['--namespace', NAMESPACE, 'replicasets', '-l', `app=${name}`];
  return (await getObject<{ readonly items: readonly ReplicaSet[] }>(...args)).items;
}

describe('what the server says of itself', () => {
  it('lists its versions and resources', async () => {
    expect((await run('api-versions')).split('\n')).toEqual(expect.arrayContaining(['v1', 'apps/v1', 'batch/v1']));
    expect(await run('api-resources', '--no-headers')).toMatch(/^configmaps +cm +v1 +true +ConfigMap$/m);
  });

  it('explains fields, by either version of OpenAPI', async () => {
    const path = 'deployment.spec.strategy.rollingUpdate.maxSurge';
    expect(await run('explain', path)).toMatch(/^FIELD: maxSurge <IntOrString>/m);
    expect(await run('explain', '--output=plaintext-openapiv2', path)).toMatch(/^FIELD: +maxSurge <string>/m);
    const unknown = await kubectl(['explain', 'deployment.spec.nothing']);
    expect([unknown.code, unknown.stderr]).toEqual([1, 'error: field "nothing" does not exist\n']);
  });

  it('says who asks and what they may do', async () => {
    expect(await run('auth', 'whoami')).toMatch(/^Username +kubernetes-admin$/m);
    expect(await run('auth', 'can-i', '--list')).toMatch(/^\*\.\* +\[\] +\[\] +\[\*\]$/m);
    const other = await kubectl(['auth', 'can-i', 'delete', 'nodes', '--as=nobody']);
    expect([other.code, other.stdout]).toEqual([1, 'no\n']);
  });

  it('answers raw requests, and those for nothing', async () => {
    expect(await run('get', '--raw', '/healthz')).toBe('ok');
    const created = await given(
      configMap('raw', { a: '1' }),
      'create',
      '--raw',
      `/api/v1/namespaces/${NAMESPACE}/configmaps`,
    );
    expect(JSON.parse(created.stdout)).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } });
    for (const path of ['/nothing', '/apis/nobody.example/v1/things', '/api/v1/things']) {
      const { stderr } = await kubectl(['get', '--raw', path]);
      expect(stderr).toBe('Error from server (NotFound): the server could not find the requested resource\n');
    }
  });
});

describe('writing', () => {
  it('shows the difference that an apply would make', async () => {
    await given(configMap('differs', { a: '1' }), 'apply');
    const same = await given(configMap('differs', { a: '1' }), 'diff');
    expect([same.code, same.stdout]).toEqual([0, '']);
    const other = await given(configMap('differs', { a: '2' }), 'diff');
    expect(other.code).toBe(1);
    expect(other.stdout).toMatch(/^- {2}a: "1"\n\+ {2}a: "2"$/m);
    expect(await dataOf('differs')).toEqual({ a: '1' });
  });

  it('replaces, also by force, and not what is absent', async () => {
    await given(configMap('replaced', { a: '1', b: '1' }), 'create');
    expect((await given(configMap('replaced', { a: '2' }), 'replace')).stdout).toBe('configmap/replaced replaced\n');
    expect(await dataOf('replaced')).toEqual({ a: '2' });
    const forced = await given(configMap('replaced', { a: '3' }), 'replace', '--force');
    // Newer ones say from where.
    expect(forced.stdout).toMatch(
      /^configmap "replaced" deleted( from \S+ namespace)?\nconfigmap\/replaced replaced\n$/,
    );
    const absent = await given(configMap('absent', {}), 'replace');
    expect(absent.stderr).toContain('Error from server (NotFound)');
    expect(absent.stderr).toContain('configmaps "absent" not found');
  });

  it('patches in all types', async () => {
    await given(configMap('patched', { a: '1', b: '1' }), 'create');
    await here('patch', 'configmap', 'patched', '-p', '{"data":{"a":"2","b":null}}');
    await here('patch', 'configmap', 'patched', '--type=merge', '-p', '{"data":{"c":"3"}}');
    await here(
      'patch',
      'configmap',
      'patched',
      '--type=json',
      '-p',
      '[{"op":"move","from":"/data/c","path":"/data/d"}]',
    );
    expect(await dataOf('patched')).toEqual({ a: '2', d: '3' });
    const untrue = '[{"op":"test","path":"/data/d","value":"4"}]';
    const refused = await kubectl(['-n', NAMESPACE, 'patch', 'configmap', 'patched', '--type=json', '-p', untrue]);
    expect(refused.stderr).toContain('the server rejected our request due to an error in our request');
    const list = '{"spec":{"template":{"spec":{"containers":[{"name":"more","image":"localhost:5000/hello:v1"}]}}}}';
    await given(emptyDeployment('merged'), 'create');
    await here('patch', 'deployment', 'merged', '-p', list);
    const { spec } = await getObject<Deployment>('-n', NAMESPACE, 'deployment', 'merged');
    expect(spec?.template?.spec?.containers?.map(({ name }) => name)).toEqual(['more', 'web']);
  });

  it('edits with the editor of the user', async () => {
    await given(configMap('edited', { before: '1' }), 'create');
    const editor = join(folder, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i s/before:/after:/ "$1"\n', { mode: 0o755 });
    const env = { ...process.env, KUBE_EDITOR: editor };
    const edited = await kubectl(['-n', NAMESPACE, 'edit', 'configmap', 'edited'], { env });
    expect(edited.stdout).toBe('configmap/edited edited\n');
    expect(await dataOf('edited')).toEqual({ after: '1' });
  });

  it('refuses or warns about fields that are unknown or stand twice', async () => {
    const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"strict"},"data":{"a":"1"},"dat":1}';
    const strict = await given(twice, 'create', '--validate=strict');
    expect(strict.stderr).toContain('strict decoding error: unknown field "dat"');
    const warned = await given(twice, 'create', '--validate=warn');
    expect(warned).toMatchObject({ code: 0, stderr: 'Warning: unknown field "dat"\n' });
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps?fieldValidation=Strict`;
    const body = '{"metadata":{"name":"duplicates"},"data":{"a":"1","a":"2"}}';
    const raw = await kubectl(['create', '--raw', path, '-f', '-'], { input: body });
    expect(raw.stderr).toContain('strict decoding error: duplicate field "data.a"');
  });

  it('refuses what is too old, taken or has the wrong form', async () => {
    await given(configMap('once', {}), 'create');
    const again = await given(configMap('once', {}), 'create');
    expect(again.stderr).toContain('Error from server (AlreadyExists)');
    const old = { ...configMap('once', {}), metadata: { name: 'once', resourceVersion: '1' } };
    expect((await given(old, 'replace')).stderr).toContain(
      'Operation cannot be fulfilled on configmaps "once": the object has been modified; please apply your changes',
    );
    const wrong = await given({ ...configMap('Wrong_Name', {}) }, 'create');
    expect(wrong.stderr).toContain('The ConfigMap "Wrong_Name" is invalid: metadata.name: Invalid value: "Wrong_Name"');
  });
});

describe('server-side apply', () => {
  it('names the owner of a field that two want, and hands it over by force', async () => {
    await given(configMap('owned', { a: '1' }), 'apply', '--server-side', '--field-manager=first');
    const second = ['apply', '--server-side', '--field-manager=second'];
    const refused = await given(configMap('owned', { a: '2' }), ...second);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('error: Apply failed with 1 conflict: conflict with "first": .data.a\n');
    await given(configMap('owned', { a: '2' }), ...second, '--force-conflicts');
    await given(configMap('owned', {}), 'apply', '--server-side', '--field-manager=first');
    expect(await dataOf('owned')).toEqual({ a: '2' });
    await given(configMap('owned', {}), ...second);
    expect(await dataOf('owned')).toBeUndefined();
  });

  it('takes over what was applied by the client', async () => {
    await given(configMap('migrated', { a: '1', b: '1' }), 'apply');
    const applied = await given(configMap('migrated', { a: '1' }), 'apply', '--server-side');
    expect(applied).toMatchObject({ code: 0, stdout: 'configmap/migrated serverside-applied\n' });
    expect(await dataOf('migrated')).toEqual({ a: '1' });
    const { metadata } = await getObject<ConfigMap>('-n', NAMESPACE, 'configmap', 'migrated', '--show-managed-fields');
    const owners = metadata?.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`).sort();
    expect(owners).toEqual(['kubectl Apply', 'kubectl-last-applied Apply']);
  });
});

describe('reading', () => {
  beforeAll(async () => {
    const tiers = ['web', 'db', 'cache'].map((tier) => configMap(`tier-${tier}`, {}, { tier, kind: 'tiers' }));
    await given({ apiVersion: 'v1', kind: 'List', items: tiers }, 'create');
  });

  const names = async (...args: readonly string[]) =>
    (await here('get', 'configmaps', '-o', 'name', ...args)).split('\n');

  it('selects by labels, sets of them and fields', async () => {
    expect(await names('-l', 'tier in (web,db),kind')).toEqual(['configmap/tier-db', 'configmap/tier-web', '']);
    expect(await names('-l', 'kind=tiers,tier notin (web)')).toEqual(['configmap/tier-cache', 'configmap/tier-db', '']);
    expect(await names('-l', 'tier,tier!=db')).toEqual(['configmap/tier-cache', 'configmap/tier-web', '']);
    expect(await names('--field-selector', 'metadata.name=tier-db')).toEqual(['configmap/tier-db', '']);
    const unknown = await kubectl(['-n', NAMESPACE, 'get', 'configmaps', '--field-selector', 'data.a=1']);
    expect(unknown.stderr).toContain(
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  it('gives the same list in chunks', async () => {
    expect(await names('--chunk-size=2')).toEqual(await names('--chunk-size=0'));
  });

  it('labels, annotates and takes both back', async () => {
    await given(configMap('marked', {}), 'create');
    expect(await here('label', 'configmap', 'marked', 'a=1')).toBe('configmap/marked labeled\n');
    const taken = await kubectl(['-n', NAMESPACE, 'label', 'configmap', 'marked', 'a=2']);
    expect(taken.stderr).toContain("'a' already has a value (1), and --overwrite is false");
    await here('label', 'configmap', 'marked', 'a=2', '--overwrite');
    await here('annotate', 'configmap', 'marked', 'note=hello');
    const { metadata } = await getObject<ConfigMap>('-n', NAMESPACE, 'configmap', 'marked');
    expect(metadata).toMatchObject({ labels: { a: '2' }, annotations: { note: 'hello' } });
    expect(await here('label', 'configmap', 'marked', 'a-')).toBe('configmap/marked unlabeled\n');
    await here('annotate', 'configmap', 'marked', 'note-');
    const bare = await getObject<ConfigMap>('-n', NAMESPACE, 'configmap', 'marked');
    expect([bare.metadata?.labels, bare.metadata?.annotations]).toEqual([undefined, undefined]);
  });

  it('waits for a value, for creation and for deletion', async () => {
    const created = here('wait', '--for=create', 'configmap/awaited', '--timeout=20s');
    await given(configMap('awaited', { state: 'new' }), 'create');
    expect(await created).toContain('condition met');
    const ready = here('wait', '--for=jsonpath={.data.state}=ready', 'configmap/awaited', '--timeout=20s');
    await here('patch', 'configmap', 'awaited', '-p', '{"data":{"state":"ready"}}');
    expect(await ready).toBe('configmap/awaited condition met\n');
    const gone = here('wait', '--for=delete', 'configmap/awaited', '--timeout=20s');
    await here('delete', 'configmap', 'awaited');
    expect(await gone).toMatch(/condition met|^$/);
  });

  it('watches as YAML', async () => {
    await given(configMap('watched', { a: '1' }), 'create');
    const watch = kubectlStream(['-n', NAMESPACE, 'get', 'configmap', 'watched', '-w', '-o', 'yaml']);
    const until = (text: string) =>
      eventually(() => expect(watch.output()).toContain(text), { what: `the watch shows ${text}` });
    await until('  a: "1"\n');
    await here('patch', 'configmap', 'watched', '-p', '{"data":{"a":"2"}}');
    await until('---\napiVersion: v1\ndata:\n  a: "2"\n');
    await watch.stop();
  });
});

describe('deleting', () => {
  const withReplicaSet = async (name: string) => {
    await given(emptyDeployment(name), 'create');
    await eventually(async () => expect(await replicaSetsOf(name)).toHaveLength(1), {
      what: 'the ReplicaSet is there',
    });
  };

  it('leaves what an object owned as orphans when told to', async () => {
    await withReplicaSet('parent');
    await here('delete', 'deployment', 'parent', '--cascade=orphan');
    const orphans = await replicaSetsOf('parent');
    expect(orphans.map(({ metadata }) => metadata?.ownerReferences)).toEqual([undefined]);
  });

  it('deletes what an object owned before the object itself', async () => {
    await withReplicaSet('whole');
    await here('delete', 'deployment', 'whole', '--cascade=foreground');
    expect(await replicaSetsOf('whole')).toEqual([]);
  });

  it('deletes by label', async () => {
    await given({ apiVersion: 'v1', kind: 'List', items: [configMap('x', {}, { gone: '1' })] }, 'create');
    expect(await here('delete', 'configmap', '-l', 'gone=1')).toMatch(/^configmap "x" deleted/);
  });
});
