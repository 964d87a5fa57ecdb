import { describe, expect, it } from 'vitest';
import { createNftLedger } from './nft-ledger.ts';
import type { NftPart } from './nft-table.ts';

const frame: NftPart = { sets: { doors: { type: 'ipv4_addr : verdict' } }, chains: { all: { rules: ['accept'] } } };
const door = (address: string, chain: string): NftPart => ({
  chains: { [chain]: { rules: [`dnat ip to ${address}`] } },
  elements: { doors: { [address]: `goto ${chain}` } },
});

function ledger(parts: { readonly [owner: string]: NftPart }) {
  const one = createNftLedger('inet t');
  one.change(new Map(Object.entries(parts)));
  return one;
}

const linesOf = (script: string): readonly string[] => script.split('\n').filter((line) => line !== '');

describe('a table made of parts', () => {
  it('is replaced as a whole by one script, the same whatever order the parts came in', () => {
    const script = ledger({ '': frame, a: door('10.0.0.1', 'a'), b: door('10.0.0.2', 'b') }).whole();
    expect(script).toMatch(/^table inet t\ndelete table inet t\ntable inet t \{\n {2}map doors \{/);
    expect(script).toContain('elements = { 10.0.0.1 : goto a, 10.0.0.2 : goto b }');
    expect(ledger({ b: door('10.0.0.2', 'b'), a: door('10.0.0.1', 'a'), '': frame }).whole()).toBe(script);
  });

  it('says nothing when a part is what it was', () => {
    expect(ledger({ '': frame, a: door('10.0.0.1', 'a') }).change(new Map([['a', door('10.0.0.1', 'a')]]))).toBe('');
  });

  it('declares before it refers, and lets go before it removes', () => {
    const one = ledger({ '': frame, a: door('10.0.0.1', 'a') });
    const changes = new Map([
      ['a', undefined],
      ['b', door('10.0.0.2', 'b')],
    ]);
    expect(linesOf(one.change(changes))).toEqual([
      'add chain inet t b',
      'add rule inet t b dnat ip to 10.0.0.2',
      'delete element inet t doors { 10.0.0.1 }',
      'add element inet t doors { 10.0.0.2 : goto b }',
      'flush chain inet t a',
      'delete chain inet t a',
    ]);
  });

  it('fills a chain anew when its rules change', () => {
    const one = ledger({ '': frame, a: door('10.0.0.1', 'a') });
    const moved = { ...door('10.0.0.1', 'a'), chains: { a: { rules: ['drop'] } } };
    expect(linesOf(one.change(new Map([['a', moved]])))).toEqual(['flush chain inet t a', 'add rule inet t a drop']);
  });

  it('hears the first of two owners that claim an element, and the other once the first is gone', () => {
    const [a, b] = [door('10.0.0.1', 'a'), door('10.0.0.1', 'b')];
    const one = ledger({ '': frame, b });
    expect(one.change(new Map([['a', a]]))).toContain('add element inet t doors { 10.0.0.1 : goto a }');
    expect(one.change(new Map([['a', undefined]]))).toContain('add element inet t doors { 10.0.0.1 : goto b }');
  });

  it('keeps elements of a set that nobody has declared yet', () => {
    const one = ledger({ '': frame, peer: { elements: { late: { '10.0.0.1': '' } } } });
    expect(one.whole()).not.toContain('late');
    const script = one.change(new Map([['set', { sets: { late: { type: 'ipv4_addr' } } }]]));
    expect(script).toContain('set late {');
    expect(script).toContain('add element inet t late { 10.0.0.1 }');
    expect(one.change(new Map([['set', undefined]]))).toBe('delete set inet t late\n');
  });

  it('can take a change back', () => {
    const one = ledger({ '': frame, a: door('10.0.0.1', 'a') });
    const [whole, before] = [one.whole(), one.current(['a', 'b'])];
    one.change(new Map([['b', door('10.0.0.2', 'b')]]));
    expect(one.whole()).not.toBe(whole);
    one.change(before);
    expect(one.whole()).toBe(whole);
  });
});
