import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, type Assertion as Expectation, expect, test } from 'vitest';
import { parsePodmanVersion } from '../../quadlet/podman-version.ts';
import { lookupAll } from '../../quadlet/unit-file.ts';
import { parseUnit, serializeUnit } from '../../quadlet/unit-text.ts';
import { validateUnit } from '../../quadlet/validate-unit.ts';
import type { Pod } from '../../src/kinds/types.ts';
import type { Diagnostic, HostFile, HostLink, Translation } from '../host-file.ts';
import { translatePod } from './pod.ts';
import { type Assertion, parseCase } from './pod-case.ts';
import { podSlice } from './pod-slice.ts';

/*
 * Case files: a manifest that carries its own assertions in `##` comments.
 *   ## context FIELD VALUE                       of the PodContext
 *   ## token VOLUME PATH TOKEN                  that the context gives
 *   ## assert-key UNIT SECTION KEY VALUE         one of the key's values, as written; ! for none
 *   ## assert-has-key UNIT SECTION KEY
 *   ## assert-file PATH MODE "CONTENT"           JSON string; links are followed
 *   ## assert-sealed PATH                       not readable on disk
 *   ## assert-owner PATH USER GROUP              - for none
 *   ## assert-file-contains PATH MODE "TEXT"
 *   ## assert-directory PATH MODE
 *   ## assert-contains TEXT                      in any unit
 *   ## assert-warning FIELD [TEXT]               an approximation; every diagnostic must be asserted
 *   ## assert-refused FIELD [TEXT]
 *   ## assert-blocked FIELD [TEXT]
 *   ## assert-unstartable CONTAINER [TEXT]
 * UNIT: infra.pod, gate.service, drop-in.conf, NAME.container, init_NAME.container
 */
const FOLDER = new URL('../testdata/pod/', import.meta.url);

/** Whether systemd or Quadlet reads it. */
function isUnit({ root }: Pick<HostFile, 'root'>): boolean {
  return root === 'quadlet' || root === 'unit';
}

function unitText(translation: Translation, unit: string, pod: Pod): string {
  const stem = `qs-${pod.metadata?.namespace}_${pod.metadata?.name}`;
  const path =
    {
      'infra.pod': `${stem}.pod`,
      'gate.service': `${stem}.service`,
      'pod.slice': podSlice(pod),
      'drop-in.conf': `${stem}__pod.service.d/quadshift.conf`,
    }[unit] ?? `${stem}_${unit}`;
  const file = translation.files.find((candidate) => isUnit(candidate) && candidate.path === path);
  expect(file, path).toBeDefined();
  return textOf(file);
}

function textOf(file: HostFile | undefined): string {
  return Buffer.from(file?.content ?? '').toString('utf8');
}

/** As a process on the host would see the path. */
function follow(path: string, links: readonly HostLink[]): string {
  const link = links.find((one) => !isUnit(one) && `${path}/`.startsWith(`${one.path}/`));
  return link === undefined
    ? path
    : follow(posix.join(posix.dirname(link.path), link.target) + path.slice(link.path.length), links);
}

function stateFile({ files, links }: Translation, path: string): HostFile | undefined {
  const real = follow(path, links);
  const file = files.find((candidate) => !isUnit(candidate) && candidate.path === real);
  expect(file, path).toBeDefined();
  return file;
}

function modeAndText(translation: Translation, path: string): readonly [mode: string, content: string] {
  const file = stateFile(translation, path);
  return [`0${file?.mode.toString(8)}`, textOf(file)];
}

type Check = (
  translation: Translation,
  pod: Pod,
  words: readonly string[],
) => {
  readonly value: unknown;
  readonly expected: (expectation: Expectation) => void;
};

const CHECKS: { readonly [verb: string]: Check } = {
  'assert-key': (translation, pod, [unit = '', section = '', key = '', ...value]) => ({
    value: lookupAll(parseUnit(unitText(translation, unit, pod)), section, key),
    expected: (values) => values.toContain(value.join(' ')),
  }),
  'assert-has-key': (translation, pod, [unit = '', section = '', key = '']) => ({
    value: lookupAll(parseUnit(unitText(translation, unit, pod)), section, key).length > 0,
    expected: (found) => found.toBe(true),
  }),
  'assert-file': (translation, _, [path = '', mode, ...content]) => ({
    value: modeAndText(translation, path),
    expected: (file) => file.toEqual([mode, JSON.parse(content.join(' '))]),
  }),
  'assert-file-contains': (translation, _, [path = '', mode, ...text]) => ({
    value: modeAndText(translation, path).join('\n'),
    expected: (file) =>
      file.toMatch(
        new RegExp(`^${mode}\n[\\s\\S]*${JSON.parse(text.join(' ')).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
      ),
  }),
  'assert-owner': (translation, _, [path = '', user, group]) => {
    const file = stateFile(translation, path);
    return {
      value: [file?.user, file?.group].map((id) => String(id ?? '-')),
      expected: (owner) => owner.toEqual([user, group]),
    };
  },
  'assert-sealed': (translation, _, [path = '']) => ({
    value: stateFile(translation, path)?.root,
    expected: (root) => root.toBe('sealed'),
  }),
  'assert-directory': (translation, _, [path = '', mode = '']) => ({
    value: translation.directories,
    expected: (all) => all.toContainEqual({ root: 'state', path, mode: Number.parseInt(mode, 8) }),
  }),
  'assert-contains': (translation, _, words) => ({
    value: translation.files.flatMap(({ root, content }) => (isUnit({ root }) ? [content] : [])).join('\n'),
    expected: (units) => units.toContain(words.join(' ')),
  }),
};

/** Checked together, or no assertion at all. */
const SEVERITIES: { readonly [verb: string]: Diagnostic['severity'] } = {
  'assert-warning': 'approximated',
  'assert-refused': 'refused',
  'assert-blocked': 'blocked',
  'assert-unstartable': 'unstartable',
};
const ELSEWHERE = [...Object.keys(SEVERITIES), 'context', 'token'];

function check({ negated, verb, rest }: Assertion, translation: Translation, pod: Pod): void {
  const found = CHECKS[verb]?.(translation, pod, rest.split(' '));
  if (found === undefined) {
    throw new Error(`unknown assertion ${verb}`);
  }
  const expectation = expect(found.value, rest);
  found.expected(negated ? expectation.not : expectation);
}

function asserted(
  assertions: readonly Assertion[],
): readonly (readonly [severity: string, field: string, text: string])[] {
  return assertions
    .filter(({ verb }) => SEVERITIES[verb] !== undefined)
    .map(({ verb, rest }) => {
      const [field = '', ...text] = rest.split(' ');
      return [SEVERITIES[verb] ?? '', field, text.join(' ')];
    });
}

function matches(
  { severity, field, message }: Diagnostic,
  [level, path, text]: readonly [string, string, string],
): boolean {
  return severity === level && field === path && message.includes(text);
}

describe.each(readdirSync(FOLDER))('%s', (name) => {
  const { pod, context, assertions } = parseCase(readFileSync(new URL(name, FOLDER), 'utf8'));
  const translation = translatePod(pod, context);

  test.each(assertions.filter(({ verb }) => !ELSEWHERE.includes(verb)))('$verb $rest', (assertion) => {
    check(assertion, translation, pod);
  });

  test('says exactly what it asserts about what it can not do', () => {
    const expected = asserted(assertions);
    for (const diagnostic of translation.diagnostics) {
      expect(
        expected.some((one) => matches(diagnostic, one)),
        JSON.stringify(diagnostic),
      ).toBe(true);
    }
    for (const one of expected) {
      expect(
        translation.diagnostics.some((diagnostic) => matches(diagnostic, one)),
        one.join(' '),
      ).toBe(true);
    }
  });

  test('is deterministic, and its units are valid and name their owner', () => {
    expect(translatePod(structuredClone(pod), context)).toEqual(translation);
    for (const file of translation.files.filter(isUnit)) {
      const { root, path } = file;
      const content = textOf(file);
      const unit = parseUnit(content);
      expect(serializeUnit(unit), path).toBe(content);
      expect(validateUnit(unit, parsePodmanVersion(context.podmanVersion) ?? [5, 4]), path).toEqual([]);
      expect(lookupAll(unit, 'X-Kubernetes', 'Kind'), `${root} ${path}`).toEqual(['Pod']);
    }
  });
});
