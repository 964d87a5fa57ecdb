import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Pod, Service } from '../kinds/types.ts';
import { planEndpoints } from './service-endpoints.ts';

const service = {
  metadata: { name: 'web', namespace: 'shop', uid: 'service-uid' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }] },
} as unknown as Service;

function pod(name: string, ready: 'True' | 'False', more: { port?: number; deleting?: boolean } = {}): Pod {
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      labels: { app: 'web' },
      ...(more.deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: more.port ?? 8080 }] }] },
    status: { podIP: `10.42.0.${name.length}`, phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
  } as unknown as Pod;
}

const stored = (slice: EndpointSlice, name: string) =>
  ({ ...slice, metadata: { ...slice.metadata, name, uid: name } }) as EndpointSlice;

describe('planEndpoints', () => {
  it('lists each pod with its ready, serving and terminating conditions', () => {
    const plan = planEndpoints(
      service,
      [pod('a', 'True'), pod('bb', 'False'), pod('ccc', 'True', { deleting: true })],
      [],
    );
    expect(plan.create).toHaveLength(1);
    expect(plan.create[0]?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(plan.create[0]?.endpoints?.map((e) => [e.addresses[0], e.conditions])).toEqual([
      ['10.42.0.1', { ready: true, serving: true, terminating: false }],
      ['10.42.0.2', { ready: false, serving: false, terminating: false }],
      ['10.42.0.3', { ready: false, serving: true, terminating: true }],
    ]);
  });

  it('makes a slice for each family of the Service', () => {
    const dual = { ...service, spec: { ...service.spec, ipFamilies: ['IPv4', 'IPv6'] } } as Service;
    const ips = [{ ip: '10.42.0.1' }, { ip: 'fd42::1' }];
    const both = { ...pod('a', 'True'), status: { ...pod('a', 'True').status, podIPs: ips } } as Pod;
    const slices = planEndpoints(dual, [both, pod('bb', 'True')], []).create;
    expect(slices.map(({ addressType, endpoints }) => [addressType, endpoints?.map((e) => e.addresses[0])])).toEqual([
      ['IPv4', ['10.42.0.1', '10.42.0.2']],
      ['IPv6', ['fd42::1']],
    ]);
  });

  it('makes one slice per resolved port when a named port differs between pods', () => {
    const plan = planEndpoints(service, [pod('a', 'True'), pod('bb', 'True', { port: 9090 })], []);
    expect(plan.create.map((slice) => slice.ports?.[0]?.port)).toEqual([8080, 9090]);
  });

  it('writes nothing when the slices already tell the truth, and updates only what differs', () => {
    const [slice] = planEndpoints(service, [pod('a', 'True')], []).create;
    if (!slice) throw new Error('no slice was planned');
    const present = [stored(slice, 'web-x')];
    expect(planEndpoints(service, [pod('a', 'True')], present)).toEqual({ create: [], update: [], remove: [] });
    const changed = planEndpoints(service, [pod('a', 'False')], present);
    expect(changed.update.map((s) => s.metadata?.name)).toEqual(['web-x']);
    expect([changed.create, changed.remove]).toEqual([[], []]);
  });

  it('removes the slices of a Service that is gone or was made anew', () => {
    const [slice] = planEndpoints(service, [pod('a', 'True')], []).create;
    if (!slice) throw new Error('no slice was planned');
    const present = [stored(slice, 'web-x')];
    expect(planEndpoints(undefined, [], present).remove).toEqual(present);
    const reborn = { ...service, metadata: { ...service.metadata, uid: 'other' } } as Service;
    const plan = planEndpoints(reborn, [pod('a', 'True')], present);
    expect([plan.create.length, plan.remove]).toEqual([1, present]);
  });

  it('leaves out pods without an address and pods that have ended', () => {
    const ended = { ...pod('a', 'True'), status: { podIP: '10.42.0.9', phase: 'Succeeded' } } as Pod;
    const young = { ...pod('bb', 'True'), status: {} } as Pod;
    expect(planEndpoints(service, [ended, young], []).create[0]?.endpoints).toEqual([]);
  });
});
