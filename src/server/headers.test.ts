import fc from 'fast-check';
import { expect, test } from 'vitest';
import { negotiate } from './accept.ts';
import { parseDuration } from './duration.ts';
import { warningHeaders } from './warning-header.ts';

test('the best representation that can be made is chosen', () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  expect([
    negotiate(undefined),
    negotiate(`${table},application/json`),
    negotiate(`application/json;q=0.9,${table};q=0.1`),
    negotiate('application/vnd.kubernetes.protobuf,application/json'),
    negotiate('application/json;as=Unknown;v=v1;g=meta.k8s.io, application/yaml'),
  ]).toEqual([
    { format: 'json', as: '' },
    { format: 'json', as: 'Table' },
    { format: 'json', as: '' },
    { format: 'json', as: '' },
    { format: 'yaml', as: '' },
  ]);
  expect(() => negotiate('text/html')).toThrow('only the following media types are accepted');
});

test('any Accept header is either understood or refused', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      try {
        expect(['json', 'yaml']).toContain(negotiate(header).format);
      } catch (error) {
        expect((error as Error).name).toBe('StatusError');
      }
    }),
  );
});

test('warnings are quoted, kept on one line and bounded', () => {
  expect(warningHeaders(['a "b" \\ c\nd', 'a "b" \\ c\nd', ''])).toEqual(['299 - "a \\"b\\" \\\\ c d"']);
  expect(Buffer.from(warningHeaders(['größer'])[0] ?? '', 'latin1').toString('utf8')).toBe('299 - "größer"');
  const many = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(500)}`);
  expect(warningHeaders(many).join('').length).toBeLessThan(5000);
});

test('durations are read as Go writes them', () => {
  expect(['1m30s', '1.5h', '250ms', '-2s', '0', 'x', '1', ''].map(parseDuration)).toEqual([
    90_000,
    5_400_000,
    250,
    -2000,
    0,
    undefined,
    undefined,
    undefined,
  ]);
});
