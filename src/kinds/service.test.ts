import { describe, expect, it, test } from 'vitest';
import type { KubernetesObject } from '../machinery/object.ts';
import { serviceKind } from './service.ts';
import type { Draft, Service, Sparse } from './types.ts';

const CONTEXT = { now: '2026-01-01T00:00:00Z' };
const NOW = Date.parse(CONTEXT.now);

function service(spec: Sparse<Service['spec']>): Draft<Service> {
  return serviceKind.applyDefaults({ metadata: { name: 's' }, spec } as KubernetesObject) as Draft<Service>;
}

function sentences(spec: Sparse<Service['spec']>): readonly string[] {
  return serviceKind.validate(service(spec)).map((error) => `${error.field}: ${error.message}`);
}

function row(object: Draft<Service>): readonly unknown[] {
  return serviceKind.columns.map((column) => column.cell(object, NOW));
}

test('defaults depend on the type', () => {
  const ports = [{ port: 80 }];
  const common = { sessionAffinity: 'None', ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] };
  expect([
    service({ ports }).spec,
    service({ ports, type: 'LoadBalancer' }).spec,
    service({ type: 'ExternalName' }).spec,
  ]).toEqual([
    { ...common, type: 'ClusterIP', internalTrafficPolicy: 'Cluster' },
    {
      ...common,
      type: 'LoadBalancer',
      internalTrafficPolicy: 'Cluster',
      externalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
    },
    { type: 'ExternalName', sessionAffinity: 'None' },
  ]);
});

test('ports, names and types are checked', () => {
  expect(sentences({})).toEqual(['spec.ports: Required value']);
  expect(sentences({ ports: [{ port: 80 }, { name: 'b', port: 80, nodePort: 30_000 }] })).toEqual([
    'spec.ports[0].name: Required value',
    "spec.ports[1].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    'spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}',
  ]);
  expect(sentences({ type: 'ExternalName' })).toEqual(['spec.externalName: Required value']);
  expect(sentences({ type: 'Wrong', ports: [{ port: 80 }] })).toEqual([
    'spec.type: Unsupported value: "Wrong": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ]);
});

test('an update keeps the addresses and node ports that it leaves out, and may not change the address', () => {
  const old = service({
    type: 'NodePort',
    clusterIP: '10.43.0.9',
    clusterIPs: ['10.43.0.9'],
    ports: [{ name: 'a', port: 80, nodePort: 30_001 }],
  });
  const given = {
    metadata: { name: 's' },
    spec: {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    },
  };
  const kept = serviceKind.applyDefaults(
    serviceKind.prepareForUpdate(given as KubernetesObject, old, CONTEXT),
  ) as Draft<Service>;
  expect(kept.spec).toMatchObject({
    clusterIP: '10.43.0.9',
    clusterIPs: ['10.43.0.9'],
    ports: [{ nodePort: 30_001 }, { name: 'b' }],
  });
  const moved = service({ ...old.spec, clusterIP: '10.43.0.10', clusterIPs: ['10.43.0.10'] });
  expect(serviceKind.validateUpdate(moved, old).map((error) => `${error.field}: ${error.message}`)).toEqual([
    'spec.clusterIPs[0]: Invalid value: ["10.43.0.10"]: may not change once set',
  ]);
});

test('columns show addresses inside and outside', () => {
  const ports = [
    { name: 'a', port: 80, nodePort: 30_001 },
    { name: 'b', port: 53, protocol: 'UDP' },
  ];
  const waiting = service({ type: 'LoadBalancer', clusterIP: '10.43.0.9', ports, selector: { b: '2', a: '1' } });
  const served = { ...waiting, status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } } };
  expect([row(waiting), row(served)[3], row(service({ ports: [] }))]).toEqual([
    ['s', 'LoadBalancer', '10.43.0.9', '<pending>', '80:30001/TCP,53/UDP', '<unknown>', 'a=1,b=2'],
    '192.0.2.7',
    ['s', 'ClusterIP', '<none>', '<none>', '<none>', '<unknown>', '<none>'],
  ]);
});

describe('warnings', () => {
  const warnings = (spec: object) => serviceKind.warnings({ spec } as Draft<Service>, undefined);

  it('are upstream’s, and tell what has no effect on one node', () => {
    const alias = { type: 'ExternalName', externalName: 'a.test', externalIPs: ['192.0.2.1'] };
    expect(warnings(alias)).toEqual(['spec.externalIPs is ignored when spec.type is "ExternalName"']);
    expect(warnings({ externalIPs: ['192.0.2.1'], externalName: 'a.test' })).toEqual([
      'spec.externalName is ignored when spec.type is not "ExternalName"',
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    ]);
    const headless = { clusterIP: 'None', externalIPs: ['192.0.2.1'], loadBalancerIP: '192.0.2.1' };
    expect(warnings({ ...headless, sessionAffinity: 'ClientIP' })).toEqual([
      'spec.loadBalancerIP is ignored for headless services',
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
    ]);
    expect(warnings({ trafficDistribution: 'PreferClose' })).toEqual([
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
      'spec.trafficDistribution has no effect here: there is one node',
    ]);
    expect(warnings({ type: 'ClusterIP' })).toEqual([]);
  });
});
