import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeUnit } from './encode-unit.ts';
import { keyTables } from './keys/tables.ts';
import { lookupAll } from './unit-file.ts';
import { parseUnit, serializeUnit } from './unit-text.ts';
import { validateUnit } from './validate-unit.ts';
import { splitWords } from './words.ts';

/** What systemd makes of a word: specifiers and variables undone. */
function expand(word: string, variables: ReadonlyMap<string, string>): string {
  return word
    .replace(/\$\$|\$\{(\w+)\}/g, (match, name: string | undefined) =>
      name === undefined ? match.slice(1) : (variables.get(name) ?? ''),
    )
    .replaceAll('%%', '%');
}

/** Words that Quadlet can hand on: it stops at an empty one and doesn't protect a lone semicolon. */
function throughQuadlet(line: string): readonly string[] {
  const words = splitWords(line);
  expect(words).not.toContain('');
  expect(words).not.toContain(';');
  return words;
}

test('arguments arrive unchanged, whatever is in them', () => {
  const argument = fc.oneof(
    fc.string({ unit: 'binary' }).filter((text) => !/\0|\p{Noncharacter_Code_Point}/u.test(text)),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd's variables, not JavaScript's.
    fc.constantFrom('', ';', '$', '%', '${X}', '\u0080', 'a b', '"', '\\', '\n'),
  );
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1 }), (args) => {
      const { unit, problems } = encodeUnit([{ section: 'Container', key: 'Exec', value: args }], [5, 4]);
      const file = parseUnit(serializeUnit(unit));
      const variables = new Map(
        lookupAll(file, 'Service', 'Environment')
          .flatMap(splitWords)
          .map((assignment): [string, string] => {
            const at = assignment.indexOf('=');
            return [assignment.slice(0, at), assignment.slice(at + 1)];
          }),
      );
      const words = throughQuadlet(lookupAll(file, 'Container', 'Exec')[0] ?? '');
      // A variable's value keeps its doubled percent signs here only, so undo one layer at a time.
      expect(words.map((word) => expand(word, variables))).toEqual(args);
      expect(problems).toEqual([]);
    }),
  );
});

test('an older Podman gets the option instead of the key', () => {
  const settings = [{ section: 'Pod', key: 'HostName', value: 'web-1' }];
  expect(serializeUnit(encodeUnit(settings, [5, 4]).unit)).toBe('[Pod]\nPodmanArgs=--hostname=web-1\n');
  expect(serializeUnit(encodeUnit(settings, [5, 5]).unit)).toBe('[Pod]\nHostName=web-1\n');
});

test('a value that the key can not carry travels as the option', () => {
  const settings = [{ section: 'Container', key: 'WorkingDir', value: ' a"' }];
  expect(serializeUnit(encodeUnit(settings, [5, 4]).unit)).toBe(
    String.raw`[Container]
PodmanArgs="--workdir= a\""
`,
  );
});

test('what can not be written is a problem, never a broken line', () => {
  const settings = [
    { section: 'Container', key: 'Image', value: 'a\nExec=evil' },
    { section: 'Container', key: 'AppArmor', value: 'strict' },
    { section: 'Container', key: 'NoSuchKey', value: 'x' },
    { section: 'Container', key: 'Exec', value: ['sh', 'a\u{10ffff}b'] },
  ];
  expect(encodeUnit(settings, [5, 4])).toEqual({
    unit: { sections: [] },
    problems: [
      { section: 'Container', key: 'Image', message: 'Image can not carry this value' },
      { section: 'Container', key: 'AppArmor', message: 'AppArmor needs Podman 5.8' },
      { section: 'Container', key: 'NoSuchKey', message: '[Container] has no key NoSuchKey' },
      {
        section: 'Container',
        key: 'Exec',
        message: 'systemd takes no value with U+10FFFF, which Unicode keeps from being a character',
      },
    ],
  });
});

test('the validator reads the same rows', () => {
  const file = parseUnit('[Container]\nImage=a\nImage=b\nMemory=1g\nReadOnly=maybe\nFoo=1\n[Service]\nFoo=1\n');
  expect(validateUnit(file, [5, 4]).map((finding) => `${finding.key}: ${finding.message}`)).toEqual([
    'Image: given more than once',
    'Memory: needs Podman 5.5',
    'ReadOnly: "maybe" is not of type boolean',
    'Foo: unknown key',
  ]);
});

test('every row is documented and listed once', () => {
  for (const [section, table] of keyTables()) {
    for (const [key, row] of table) {
      expect([section, key, row.key === key && row.doc !== '']).toEqual([section, key, true]);
    }
  }
});
