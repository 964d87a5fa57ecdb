import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateName } from './generate-name.ts';
import {
  checkName,
  isConfigMapKey,
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isPathSegment,
  isPortName,
  isQualifiedName,
  isRelaxedEnvVarName,
} from './names.ts';

test('good names have no findings', () => {
  expect(
    [
      isDns1123Label('a-1'),
      isDns1123Subdomain('a.b-c.1'),
      isDns1035Label('a1'),
      isQualifiedName('example.com/My_Name'),
      isQualifiedName('a'),
      isLabelValue(''),
      isLabelValue('A.b_c'),
      isPathSegment('system:node'),
      isConfigMapKey('.a'),
      isPortName('http-2'),
      isRelaxedEnvVarName('a b'),
      checkName('dns-subdomain', 'web-', true),
    ].flat(),
  ).toEqual([]);
});

test('bad names get upstream’s sentences', () => {
  expect([
    ...isDns1123Subdomain('Bad_Name'),
    ...isDns1123Label('a.b'),
    ...isDns1035Label('1a'),
    ...isPathSegment('a/b%'),
    ...isPathSegment('..'),
    ...isQualifiedName('/x'),
    ...isConfigMapKey('..'),
    ...isPortName('-'),
    ...isLabelValue('a'.repeat(64)),
  ]).toEqual([
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    'must not contain dots',
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    "may not contain '/'",
    "may not contain '%'",
    "may not be '..'",
    'prefix part must be non-empty',
    "must not be '..'",
    'must contain at least one letter (a-z)',
    'must not begin or end with a hyphen',
    'must be no more than 63 bytes',
  ]);
});

test('a generated name fits a label and keeps its base', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,80}-$/), fc.nat(26), (base, n) => {
      const name = generateName(base, () => n);
      return name.length <= 63 && name.startsWith(base.slice(0, 58)) && isDns1123Label(name).length === 0;
    }),
  );
});
