import { describe, expect, it } from 'vitest';
import { addressInCidr, formatIpv4, parseIpv4, parseIpv4Cidr } from './ipv4.ts';

describe('IPv4 addresses', () => {
  it('are numbers and back', () => {
    expect(parseIpv4('10.43.0.1')).toBe(0x0a2b0001);
    for (const text of ['0.0.0.0', '255.255.255.255', '192.0.2.7'])
      expect(formatIpv4(parseIpv4(text) ?? -1)).toBe(text);
  });

  it('are nothing but dotted quads', () => {
    const wrong = ['', '1.2.3', '1.2.3.4.5', '01.2.3.4', '256.0.0.1', '1.2.3.4\n', ' 1.2.3.4', '::1', '1.2.3.a'];
    for (const text of wrong) expect(parseIpv4(text)).toBeUndefined();
  });

  it('come in ranges', () => {
    expect(parseIpv4Cidr('10.43.7.9/16')).toEqual({ first: 0x0a2b0000, last: 0x0a2bffff });
    expect(parseIpv4Cidr('0.0.0.0/0')).toEqual({ first: 0, last: 0xffffffff });
    for (const text of ['10.43.0.0', '10.43.0.0/33', '10.43.0.0/', '10.43.0.0/8/8']) {
      expect(parseIpv4Cidr(text)).toBeUndefined();
    }
    expect(addressInCidr('10.43.0.0/16', 10)).toBe('10.43.0.10');
  });
});
