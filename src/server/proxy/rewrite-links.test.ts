import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rewriteLink, rewriteLinks } from './rewrite-links.ts';

const origin = { prefix: '/api/v1/namespaces/a/pods/p/proxy', hosts: ['api:6443', '10.42.0.2:80'] };

test('addresses on the own host get the prefix, once; all others stay', () => {
  const links = [
    '/x?y=1',
    'x',
    'http://10.42.0.2:80/x',
    '//api:6443/x/',
    'https://example.com/x',
    '#a',
    `${origin.prefix}/x`,
  ];
  expect(links.map((link) => rewriteLink(link, origin))).toEqual([
    `${origin.prefix}/x?y=1`,
    'x',
    `${origin.prefix}/x`,
    `${origin.prefix}/x/`,
    'https://example.com/x',
    '#a',
    `${origin.prefix}/x`,
  ]);
});

test('only attributes that hold addresses are rewritten', () => {
  const page = '<a href="/r">t</a> <img alt="/r" src=/i.png><div href="/r">"/r"</div><a\n href=\'/q"\'>';
  expect(rewriteLinks(page, { ...origin, prefix: '/p' })).toBe(
    '<a href="/p/r">t</a> <img alt="/r" src="/p/i.png"><div href="/r">"/r"</div><a\n href="/p/q&#34;">',
  );
});

test('what is no page comes through as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const plain = text.replaceAll('<', '');
      expect(rewriteLinks(plain, origin)).toBe(plain);
    }),
  );
});
