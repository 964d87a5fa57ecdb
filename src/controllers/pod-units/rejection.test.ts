import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../kinds/types.ts';
import { loadOf } from '../scheduling/node-load.ts';
import { rejectionOf } from './rejection.ts';

const node: Node = {
  metadata: { name: 'n', labels: { zone: 'a' } },
  status: { allocatable: { cpu: '1', memory: '1Ki' } },
};

function pod({
  hostPort,
  requests = {},
  nodeSelector,
}: {
  hostPort?: number;
  requests?: object;
  nodeSelector?: object;
}): Pod {
  const ports = hostPort === undefined ? [] : [{ containerPort: 80, hostPort }];
  return { spec: { nodeSelector, containers: [{ name: 'c', ports, resources: { requests } }] } } as Pod;
}

describe('a pod that was bound to the node past the scheduler', () => {
  it.each([
    ['fits', pod({ hostPort: 81 }), undefined],
    [
      'wants a port that is taken',
      pod({ hostPort: 80 }),
      ['NodePorts', "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"],
    ],
    [
      'wants more than there is',
      pod({ requests: { cpu: '600m' } }),
      ['OutOfcpu', "Node didn't have enough resource: cpu, requested: 600, used: 500, capacity: 1000"],
    ],
    [
      'wants more memory than there is',
      pod({ requests: { memory: '2Ki' } }),
      ['OutOfmemory', "Node didn't have enough resource: memory, requested: 2048, used: 0, capacity: 1024"],
    ],
    [
      'wants another node',
      pod({ nodeSelector: { zone: 'b' } }),
      ['NodeAffinity', "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"],
    ],
  ])('%s', (_, wanted, expected) => {
    const bound = [pod({ hostPort: 80, requests: { cpu: '500m' } })];
    const found = rejectionOf(wanted, { node, load: loadOf(bound) });
    expect(found && [found.reason, found.message]).toEqual(expected);
  });

  it.each([
    ['', { type: 'RuntimeDefault' }],
    ['container ', { type: 'Localhost', localhostProfile: 'strict' }],
  ])('counts on AppArmor (%s), which the host lacks', (where, appArmorProfile) => {
    const container = { name: 'c', ...(where && { securityContext: { appArmorProfile } }) };
    const wanted: Pod = {
      spec: { containers: [container], ...(where === '' && { securityContext: { appArmorProfile } }) },
    };
    const load = loadOf([]);
    expect(rejectionOf(wanted, { node, load }, { hasAppArmor: () => false })).toEqual({
      reason: 'AppArmor',
      message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host',
    });
    expect(rejectionOf(wanted, { node, load }, { hasAppArmor: () => true })).toBeUndefined();
    const unconfined: Pod = {
      spec: { securityContext: { appArmorProfile: { type: 'Unconfined' } }, containers: [{ name: 'c' }] },
    };
    expect(rejectionOf(unconfined, { node, load }, { hasAppArmor: () => false })).toBeUndefined();
  });
});
