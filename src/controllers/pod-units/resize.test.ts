import { describe, expect, it } from 'vitest';
import { validatePodResize } from '../../kinds/pod-spec/resize-validation.ts';
import type { Container, Node, Pod } from '../../kinds/types.ts';
import { loadOf } from '../scheduling/node-load.ts';
import { asAllocated, planResize } from './resize.ts';

const node: Node = { metadata: { name: 'host' }, status: { allocatable: { cpu: '2', memory: '1Gi' } } };

function pod(cpu: string, given?: string, container: Partial<Container> = {}): Pod {
  const statuses = { containerStatuses: [{ name: 'c', resources: { requests: { cpu: given } } }] };
  return {
    metadata: { name: 'p', uid: 'p', generation: 2 },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu } }, ...container }] },
    status: (given === undefined ? {} : statuses) as Pod['status'],
  };
}

describe('a resize', () => {
  const restart = { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] };
  const other = { ...pod('1'), metadata: { name: 'o', uid: 'o' } };

  it.each([
    ['is nothing for a container that has what it asks for', pod('1', '1'), [], { action: 'none' }],
    ['is nothing for a container that was given nothing yet', pod('1'), [], { action: 'none' }],
    ['goes on without a restart', pod('500m', '1'), [], { action: 'apply', changes: [{ isRestarted: false }] }],
    ['restarts who wants it', pod('500m', '1', restart), [], { action: 'apply', changes: [{ isRestarted: true }] }],
    [
      'waits for others to leave',
      pod('1500m', '500m'),
      [other],
      {
        action: 'wait',
        reason: 'Deferred',
        message: "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000",
      },
    ],
    [
      'is in vain where the node is too small',
      pod('3', '1'),
      [other],
      {
        action: 'wait',
        reason: 'Infeasible',
        message: "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000",
      },
    ],
  ] as const)('%s', (_, resized, bound, plan) => {
    expect(planResize(resized, { node, load: loadOf(bound) })).toMatchObject(plan);
  });

  it('that waits leaves the pod as it was given', () => {
    expect(asAllocated(pod('3', '1')).spec?.containers[0]?.resources?.requests).toEqual({ cpu: '1' });
  });

  it('may not change the class, drop what was asked for, or anything but processor and memory', () => {
    const none: Pod = { ...pod('1'), spec: { containers: [{ name: 'c' }] } };
    const disk = pod('1', undefined, { resources: { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } } });
    const said = (resized: Pod) => validatePodResize(resized, pod('1')).map(({ field, message }) => [field, message]);
    expect([said(pod('2')), said(none), said(disk)]).toEqual([
      [],
      [
        ['spec', 'Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'],
        ['spec.containers[0].resources.requests', 'Forbidden: resource requests cannot be removed'],
      ],
      [['spec', 'Forbidden: only cpu and memory resources are mutable']],
    ]);
  });
});

it('a sidecar is resized like the others, an init container that ends is not', () => {
  const resources = (cpu: string) => ({ resources: { requests: { cpu } } });
  const init = [
    { name: 'side', restartPolicy: 'Always', ...resources('500m') },
    { name: 'once', ...resources('500m') },
  ];
  const given = init.map(({ name }) => ({ name, ...resources('100m') }));
  const sided = {
    ...pod('1', '1'),
    spec: { ...pod('1', '1').spec, initContainers: init },
    status: { ...pod('1', '1').status, initContainerStatuses: given },
  } as unknown as Pod;
  const plan = planResize(sided, { node, load: loadOf([]) });
  expect(plan).toMatchObject({ action: 'apply', changes: [{ container: { name: 'side' }, isRestarted: false }] });
  const cpus = asAllocated(sided).spec?.initContainers?.map((one) => one.resources?.requests?.['cpu']);
  expect(cpus).toEqual(['100m', '500m']);
});
