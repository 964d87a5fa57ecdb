import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateLine, parsePem, quoteWord, serializeHaproxy, serializeMap } from './haproxy.ts';

/** What haproxy's parser makes of a line: strong quotes, backslashes outside of them, blanks between words. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|\\(.)/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? ''),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
const CONTROLS = /[\u0000-\u001f\u007f\u0085\u2028\u2029]/g;
const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\n\r '"\\#$%{}a]{0,12}$/));

describe('a word', () => {
  it('comes out of the parser as it went in, whatever it is, on its line', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1 }), (words) => {
        const text = serializeHaproxy([{ head: ['backend', 'x'], lines: [['bind', ...words]] }]);
        const lines = text.split('\n');
        expect(lines).toHaveLength(3);
        expect(wordsOf(lines[1] ?? '')).toEqual(['bind', ...words.map((word) => word.replace(CONTROLS, ''))]);
      }),
    );
  });

  it('is only quoted when it has to be', () => {
    expect(['req.hdr(host),lower', '%[path]', 'a b', "it's", '', '#'].map(quoteWord)).toEqual([
      'req.hdr(host),lower',
      '%[path]',
      "'a b'",
      "'it'\\''s'",
      "''",
      "'#'",
    ]);
  });
});

describe('a map', () => {
  it('has one line a key, with two words, whatever the keys are', () => {
    fc.assert(
      fc.property(fc.array(hostile), (keys) => {
        const text = serializeMap(keys.map((key) => [`host/${key}`, 'route_a_b']));
        const lines = text.split('\n').filter((line) => line !== '');
        expect(lines.length).toBeLessThanOrEqual(keys.length);
        for (const line of lines) expect(line).toMatch(/^[!-~]+ route_a_b$/);
      }),
    );
  });

  it('keeps the first of equal keys, encoded as clients send them', () => {
    expect(
      serializeMap([
        ['a/ü x/', 'first'],
        ['a/ü x/', 'second'],
      ]),
    ).toBe('a/%C3%BC%20x/ first\n');
  });
});

it('a certificate is listed for names only', () => {
  expect(certificateLine('c.pem', ['a.test', '*.b.test', '!a', 'x\ny', '[alpn h2]', 'A'])).toBe(
    'c.pem a.test *.b.test\n',
  );
});

it('of a PEM only certificates and plain keys are taken', () => {
  const block = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
  const text = `noise\n${block('CERTIFICATE', 'QUJD')}more ${block('EC PRIVATE KEY', 'REVG')}${block('DH PARAMETERS', 'QQ==')}`;
  expect(parsePem(text)).toEqual({
    certificates: [block('CERTIFICATE', 'QUJD')],
    keys: [block('EC PRIVATE KEY', 'REVG')],
  });
  expect(parsePem(block('CERTIFICATE', 'ab"\n#x'))).toEqual({ certificates: [], keys: [] });
});
