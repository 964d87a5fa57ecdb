import { beforeAll, expect, it } from 'vitest';
import { issueAuthority, issueLeaf, type KeyPair } from '../auth/issue-certificate.ts';
import { whyUnfit, whyUnreadable } from './certificates.ts';

const START = new Date('2026-01-01T00:00:00Z');
const END = new Date('2026-02-01T00:00:00Z');
const BETWEEN = new Date('2026-01-15T00:00:00Z');
const AFTER = new Date('2026-03-01T00:00:00Z');

let authority: KeyPair;
let leaf: KeyPair;

beforeAll(async () => {
  authority = await issueAuthority('CN=test', START, END);
  leaf = await issueLeaf(authority, { subject: 'CN=a.test', usage: 'server', notBefore: START, notAfter: END });
});

it('a chain with its key may go live while its time lasts', () => {
  const chain = [leaf.certificate, authority.certificate];
  expect(whyUnfit(chain, leaf.key, BETWEEN)).toBeUndefined();
  expect(whyUnfit(chain, leaf.key, AFTER)).toContain('expired');
  expect(whyUnfit(chain, leaf.key)).toBeUndefined();
});

it('a key of another certificate, or something else, does not fit', () => {
  expect(whyUnfit([leaf.certificate], authority.key, BETWEEN)).toContain('does not belong');
  expect(whyUnfit([leaf.certificate], 'nonsense', BETWEEN)).toContain('cannot be read');
  expect(whyUnfit(['nonsense'], leaf.key, BETWEEN)).toContain('cannot be read');
  expect(whyUnfit([], leaf.key, BETWEEN)).toContain('no certificate');
});

it('authorities have to be readable, all of them', () => {
  expect(whyUnreadable([authority.certificate])).toBeUndefined();
  expect(whyUnreadable([authority.certificate, 'nonsense'])).toContain('cannot be read');
});
