import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoints, Pod, Service } from '../../kinds/types.ts';
import { repackSubsets, subsetsOfPods } from './subsets.ts';

type Subsets = NonNullable<Endpoints['subsets']>;

/** `ip state port` of everything that a list of subsets says. */
function facts(subsets: Subsets): readonly string[] {
  const lines = subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
    const names = ports.length === 0 ? ['-'] : ports.map(({ name, port }) => `${name}:${port}`);
    const of = (list: typeof addresses, state: string) => list.map(({ ip }) => `${ip} ${state}`);
    const ready = new Set(addresses.map(({ ip }) => ip));
    const unready = notReadyAddresses.filter(({ ip }) => !ready.has(ip));
    return [...of(addresses, 'ready'), ...of(unready, 'unready')].flatMap((line) => names.map((n) => `${line} ${n}`));
  });
  return [...new Set(lines)].sort();
}

describe('repackSubsets', () => {
  it('joins the ports of equal addresses and the addresses of equal ports', () => {
    const [a, b] = [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }];
    const [http, https] = [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'https', port: 443, protocol: 'TCP' },
    ];
    const packed = repackSubsets([
      { addresses: [b], ports: [https] },
      { addresses: [a], ports: [http] },
      { addresses: [a], ports: [https] },
      { addresses: [b], ports: [http] },
    ]);
    expect(packed).toEqual([{ addresses: [a, b], ports: [http, https] }]);
  });

  it('says the same as before, and once', () => {
    const ip = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3');
    const addresses = fc.uniqueArray(ip, { maxLength: 2 }).map((ips) => ips.map((each) => ({ ip: each })));
    const port = fc.constantFrom(80, 443, 53).map((number) => ({ name: `p${number}`, port: number, protocol: 'TCP' }));
    const subset = fc.record({
      addresses,
      ports: fc.uniqueArray(port, { selector: (p) => p.port, minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(subset, { maxLength: 5 }), (subsets) => {
        const packed = repackSubsets(subsets);
        expect(facts(packed)).toEqual(facts(subsets));
        expect(repackSubsets(packed)).toEqual(packed);
        expect(repackSubsets(subsets.toReversed())).toEqual(packed);
      }),
    );
  });
});

describe('subsetsOfPods', () => {
  const service = (spec: object): Service =>
    ({
      metadata: { name: 'web', namespace: 'shop' },
      spec: { selector: { app: 'web' }, clusterIP: '10.43.0.9', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
    }) as unknown as Service;
  const pod = (name: string, ready: boolean, more: object = {}): Pod =>
    ({
      metadata: { name, namespace: 'shop', uid: name, labels: { app: 'web' }, ...more },
      spec: { containers: [], nodeName: 'host' },
      status: { podIP: '10.42.0.1', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    }) as unknown as Pod;
  const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' };

  it('tells ready pods from others, and leaves out those that leave', () => {
    const pods = [pod('a', true), pod('b', false), pod('c', true, leaving)];
    const address = (name: string) => ({
      ip: '10.42.0.1',
      nodeName: 'host',
      targetRef: { kind: 'Pod', namespace: 'shop', name, uid: name },
    });
    const ports = [{ port: 80, protocol: 'TCP' }];
    expect(subsetsOfPods(service({}), pods)).toEqual([
      { addresses: [address('a')], notReadyAddresses: [address('b')], ports },
    ]);
    const all = subsetsOfPods(service({ publishNotReadyAddresses: true }), pods);
    expect(all[0]?.addresses?.map(({ targetRef }) => targetRef?.name)).toEqual(['a', 'b', 'c']);
  });

  it('knows headless Services without ports, and no pod that lacks a named port', () => {
    const headless = subsetsOfPods(service({ clusterIP: 'None', ports: [] }), [pod('a', true)]);
    expect([headless.length, headless[0]?.ports]).toEqual([1, undefined]);
    expect(subsetsOfPods(service({ ports: [{ port: 80, targetPort: 'http' }] }), [pod('a', true)])).toEqual([]);
  });
});
