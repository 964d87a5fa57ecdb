import { describe, expect, it } from 'vitest';
import { translateNetwork } from './network.ts';

const v4 = { subnet: '10.42.0.0/16', gateway: '10.42.0.1' };
const v6 = { subnet: 'fd42::/64', gateway: 'fd42::1' };

function text(...ranges: readonly (typeof v4)[]): string {
  const { files } = translateNetwork({ name: 'quadshift', ranges, podmanVersion: '5.4.2' });
  return String(files[0]?.content);
}

describe('the network of the pods', () => {
  it('has one range, or one of each family', () => {
    expect(text(v4)).toContain('Subnet=10.42.0.0/16\nGateway=10.42.0.1\nDisableDNS=true\n');
    expect(text(v4)).not.toContain('IPv6');
    expect(text(v4, v6)).toContain('Gateway=10.42.0.1\nSubnet=fd42::/64\nGateway=fd42::1\nIPv6=true\n');
  });

  it('is made anew when it is of before IPv6 was wished for, if nobody is on it', () => {
    expect(text(v4, v6)).toContain('ExecStartPre=-/bin/sh -c');
    expect(text(v4, v6)).toContain('|| podman network rm quadshift');
  });
});
