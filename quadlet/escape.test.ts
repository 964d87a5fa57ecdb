import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeForExec, escapeUnitName } from './escape.ts';
import { isAtLeast, parsePodmanVersion } from './podman-version.ts';

test('percent and dollar signs are doubled', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd's variables, not JavaScript's.
  expect(escapeForExec('100% of ${HOME} $$')).toBe('100%% of $${HOME} $$$$');
});

test('unit names are escaped as systemd-escape does', () => {
  expect([escapeUnitName('a/b-c.d'), escapeUnitName('.x'), escapeUnitName('ü!')]).toEqual([
    String.raw`a-b\x2dc.d`,
    String.raw`\x2ex`,
    String.raw`\xc3\xbc\x21`,
  ]);
});

test('escaped unit names hold only what a unit name may', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(escapeUnitName(text)).toMatch(/^[a-zA-Z0-9:_.\\-]*$/);
    }),
  );
});

test('versions compare by major and minor', () => {
  expect(parsePodmanVersion('5.10.0-rc1')).toEqual([5, 10]);
  expect(parsePodmanVersion('latest')).toBeUndefined();
  expect([isAtLeast([5, 10], [5, 6]), isAtLeast([6, 0], [5, 6]), isAtLeast([5, 4], [5, 6])]).toEqual([
    true,
    true,
    false,
  ]);
});
