import { describe, expect, it } from 'vitest';
import { type FirewallOptions, translateFirewall } from '../host/firewall.ts';
import type { ServicePort } from '../host/service-ports.ts';
import { diffNftTables, serializeNftTable } from './nft-table.ts';

const options: FirewallOptions = { serviceCidr: '10.43.0.0/16' };

function port(name: string, endpoints: readonly string[], more: Partial<ServicePort> = {}): ServicePort {
  return {
    id: `shop/${name}/tcp/80`,
    protocol: 'tcp',
    port: 80,
    addresses: ['10.43.0.10'],
    nodePort: undefined,
    endpoints: endpoints.map((address) => ({ address, port: 8080 })),
    affinitySeconds: undefined,
    ...more,
  };
}

describe('the Services table', () => {
  it('is replaced as a whole by one script', () => {
    const script = serializeNftTable(
      translateFirewall([port('web', ['10.42.0.5', '10.42.0.6'], { nodePort: 30080 })], options),
    );
    expect(script).toMatch(/^table inet quadshift\ndelete table inet quadshift\ntable inet quadshift \{/);
    expect(script).toContain('elements = { 10.43.0.10 . tcp . 80 : goto service-shop/web/tcp/80 }');
    expect(script).toContain('elements = { tcp . 30080 : goto service-shop/web/tcp/80 }');
    expect(script).toContain('dnat ip to numgen random mod 2 map { 0 : 10.42.0.5 . 8080, 1 : 10.42.0.6 . 8080 }');
  });

  it('refuses connections to a Service without endpoints', () => {
    const table = translateFirewall([port('web', [])], options);
    expect(table.sets['unserved-addresses']?.elements).toEqual({ '10.43.0.10 . tcp . 80': 'goto refuse' });
    expect(table.sets['service-addresses']?.elements).toEqual({});
  });

  it('touches one chain when one endpoint changes', () => {
    const from = translateFirewall([port('web', ['10.42.0.5']), port('other', ['10.42.0.9'])], options);
    const to = translateFirewall([port('web', ['10.42.0.6']), port('other', ['10.42.0.9'])], options);
    const script = diffNftTables(from, to) ?? '';
    expect(script).toContain('flush chain inet quadshift service-shop/web/tcp/80');
    expect(script).not.toContain('other');
    expect(diffNftTables(to, to)).toBe('');
  });

  it('takes elements away before the chain that they lead to', () => {
    const from = translateFirewall([port('web', ['10.42.0.5'])], options);
    const script = diffNftTables(from, translateFirewall([], options)) ?? '';
    const lines = script.split('\n');
    const element = lines.findIndex((line) => line.startsWith('delete element inet quadshift service-addresses'));
    const chain = lines.findIndex((line) => line.startsWith('delete chain inet quadshift service-shop/web'));
    expect(element).toBeGreaterThanOrEqual(0);
    expect(chain).toBeGreaterThan(element);
  });

  it('keeps a client with its endpoint when the Service asks for it', () => {
    const table = translateFirewall([port('web', ['10.42.0.5'], { affinitySeconds: 60 })], options);
    expect(table.sets['affinity-shop/web/tcp/80/10.42.0.5/8080']).toMatchObject({ timeoutSeconds: 60 });
    expect(table.chains['service-shop/web/tcp/80']?.rules[0]).toContain(
      'ip saddr @affinity-shop/web/tcp/80/10.42.0.5/8080 goto',
    );
  });

  it('is replaced when a set changes its nature', () => {
    const from = translateFirewall([port('web', ['10.42.0.5'], { affinitySeconds: 60 })], options);
    const to = translateFirewall([port('web', ['10.42.0.5'], { affinitySeconds: 90 })], options);
    expect(diffNftTables(from, to)).toBeUndefined();
  });
});
