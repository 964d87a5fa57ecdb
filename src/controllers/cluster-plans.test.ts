import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../kinds/types.ts';
import { type OwnerState, planCollection } from './garbage-collection.ts';
import { planScheduling } from './pod-scheduling.ts';
import { loadOf } from './scheduling/node-load.ts';
import { planClaim } from './workloads/claim.ts';

describe('garbage collection', () => {
  const owned = (...uids: readonly string[]) => ({
    metadata: { ownerReferences: uids.map((uid) => ({ apiVersion: 'v1', kind: 'X', name: uid, uid })) },
  });
  it.each<[string, readonly OwnerState[], object]>([
    ['keeps what has an owner', ['present'], { action: 'keep' }],
    ['keeps what has an owner of an unknown kind', ['unknown'], { action: 'keep' }],
    ['deletes what has lost its owner', ['absent'], { action: 'delete', propagationPolicy: 'Background' }],
    ['deletes in the foreground with its owner', ['waiting'], { action: 'delete', propagationPolicy: 'Foreground' }],
    ['unlinks an owner that is gone while another remains', ['absent', 'present'], { action: 'unlink', uids: ['u0'] }],
  ])('%s', (_, states, plan) => {
    expect(planCollection(owned(...states.map((_, i) => `u${i}`)), states)).toEqual(plan);
  });
});

describe('scheduling', () => {
  const node: Node = {
    metadata: { name: 'host', labels: { zone: 'a' } },
    status: { allocatable: { cpu: '2', memory: '1Gi', pods: '3' } },
  };
  const pod = (spec: object = {}): Pod => ({
    metadata: { uid: 'new' },
    spec: { containers: [{ name: 'c' }], ...spec },
  });
  const port = { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8080 }] }] };
  const cpu = (request: string) => ({ containers: [{ name: 'c', resources: { requests: { cpu: request } } }] });
  const refusal = (why: string, victims = false): object => ({
    action: 'refuse',
    message: `0/1 nodes are available: 1 ${why}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 ${victims ? 'No preemption victims found for incoming pod.' : 'Preemption is not helpful for scheduling.'}`,
  });

  it.each<[string, object, readonly Pod[], object]>([
    ['binds what fits', {}, [], { action: 'bind' }],
    ['binds what asks for just what is left', cpu('500m'), [pod(cpu('1500m'))], { action: 'bind' }],
    ['leaves bound pods alone', { nodeName: 'host' }, [], { action: 'none' }],
    ['leaves gated pods alone', { schedulingGates: [{ name: 'g' }] }, [], { action: 'gated' }],
    [
      'refuses another node',
      { nodeSelector: { zone: 'b' } },
      [],
      refusal("node(s) didn't match Pod's node affinity/selector"),
    ],
    [
      'refuses a taken host port',
      port,
      [pod(port)],
      refusal("node(s) didn't have free ports for the requested pod ports", true),
    ],
    ['refuses more processor than there is', cpu('600m'), [pod(cpu('1500m'))], refusal('Insufficient cpu', true)],
    ['refuses too many', {}, [pod(), pod(), pod()], refusal('Too many pods', true)],
  ])('%s', (_, spec, bound, plan) => {
    expect(planScheduling(pod(spec), { node, load: loadOf(bound), bound: () => bound })).toEqual(plan);
  });

  it('refuses a tainted node unless the pod tolerates it', () => {
    const tainted = { ...node, spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } };
    expect(planScheduling(pod(), { node: tainted, load: loadOf([]), bound: () => [] })).toEqual(
      refusal('node(s) had untolerated taint(s)'),
    );
    const tolerations = [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }];
    expect(planScheduling(pod({ tolerations }), { node: tainted, load: loadOf([]), bound: () => [] })).toEqual({
      action: 'bind',
    });
  });
});

describe('claiming', () => {
  const owner = { metadata: { uid: 'me' } };
  const object = (name: string, app: string, controller?: string) => ({
    metadata: {
      name,
      labels: { app },
      ownerReferences: controller
        ? [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: controller, controller: true }]
        : undefined,
    },
  });
  const all = [
    object('mine', 'a', 'me'),
    object('lost', 'b', 'me'),
    object('orphan', 'a'),
    object('foreign', 'a', 'you'),
    object('other', 'b'),
  ];
  const names = (list: readonly { metadata: { name: string } }[]): readonly string[] =>
    list.map((o) => o.metadata.name);

  it('adopts matching orphans and releases what no longer matches', () => {
    const claim = planClaim(owner, { matchLabels: { app: 'a' } }, all);
    expect([names(claim.owned), names(claim.adopt), names(claim.release)]).toEqual([['mine'], ['orphan'], ['lost']]);
  });

  it('does neither while the owner is being deleted', () => {
    const deleting = { metadata: { uid: 'me', deletionTimestamp: 'now' } };
    const claim = planClaim(deleting, { matchLabels: { app: 'a' } }, all);
    expect([names(claim.owned), names(claim.adopt), names(claim.release)]).toEqual([['mine'], [], []]);
  });
});
