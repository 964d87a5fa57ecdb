import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressInCidr, formatIp, isInRange, parseCidr, parseIp } from './ip.ts';

const canonical = (text: string) => {
  const ip = parseIp(text);
  return ip && formatIp(ip);
};

describe('parseIp and formatIp', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['FD00:0:0:1::00ab', 'fd00:0:0:1::ab'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
    ['fe80::', 'fe80::'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ])('reads %s and writes %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it.each([
    '',
    '1',
    '10.0.0',
    '10.0.0.01',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'g::',
    '::1%eth0',
    '1:2:3:4:5:6:7::8',
    '::10.0.0.256',
    '10.0.0.1:',
    '::1\n',
  ])('takes %j for no address', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it('come back to the same address, in a form that stays', () => {
    const address = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 65_535 })), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(address, (parts) => {
        const long = parts.map((part) => part.toString(16)).join(':');
        const short = canonical(long) ?? '';
        expect([parseIp(short)?.value, canonical(short)]).toEqual([parseIp(long)?.value, short]);
        expect(short.length).toBeLessThanOrEqual(long.length);
      }),
    );
  });
});

describe('ranges', () => {
  it('know their addresses', () => {
    expect([addressInCidr('10.43.0.0/16', 10), addressInCidr('fd43::/112', 10)]).toEqual(['10.43.0.10', 'fd43::a']);
    expect(parseCidr('fd43::5/112')?.last).toBe(parseIp('fd43::ffff')?.value);
    const range = parseCidr('fd43::/112');
    const inside = (text: string) => isInRange(range as never, parseIp(text) as never);
    expect(['fd43::1', 'fd43::1:0', '10.0.0.1'].map(inside)).toEqual([true, false, false]);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', 'fd00::/64/1', '/8', 'fd00::/-1'])('%s is none', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});
