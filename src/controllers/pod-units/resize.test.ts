import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPodSpecDefaults } from '../../kinds/pod-spec/pod-spec-defaults.ts';
import { validatePodResize } from '../../kinds/pod-spec/resize-validation.ts';
import type { Container, Node, Pod, PodSpec, ResourceRequirements } from '../../kinds/types.ts';
import { loadOf } from '../scheduling/node-load.ts';
import { loweredMemory, memoryObstacle } from './resize-memory.ts';
import { asAllocated, planResize, withResources } from './resize-plan.ts';

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

describe('a pod with resources of its own', () => {
  /** Two containers, one without limits; running with what `given` asks for. */
  const sized = (resources: ResourceRequirements, given: ResourceRequirements | 'nothing' = resources): Pod => {
    const bare = { metadata: { name: 'p', uid: 'p', generation: 2 } };
    const limited = { name: 'limited', resources: { requests: { cpu: '100m' }, limits: { memory: '16Mi' } } };
    const policy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
    const spec = (own: ResourceRequirements | 'nothing'): PodSpec =>
      applyPodSpecDefaults(
        {
          ...(own === 'nothing' ? {} : { resources: own }),
          containers: [limited, { name: 'free', resizePolicy: policy }],
        },
        { isPod: true },
      ) as PodSpec;
    const status = { containerStatuses: [{ name: 'limited' }, { name: 'free' }] } as unknown as NonNullable<
      Pod['status']
    >;
    const started = withResources({ ...bare, spec: spec(given), status }, { ...bare, spec: spec(given) });
    return { ...started, spec: spec(resources) };
  };
  const own = (cpu: string, memory: string): ResourceRequirements => ({
    requests: { cpu, memory: '32Mi' },
    limits: { cpu: '2', memory },
  });
  const plan = (pod: Pod) => planResize(pod, { node, load: loadOf([]) });

  it('is left alone while it has what it asks for, and says what that is', () => {
    const { status } = sized(own('500m', '64Mi'));
    expect([plan(sized(own('500m', '64Mi'))), status?.resources, status?.allocatedResources]).toEqual([
      { action: 'none' },
      own('500m', '64Mi'),
      { cpu: '500m', memory: '32Mi' },
    ]);
  });

  it('is resized alone where no container has to be told, and otherwise with those that have its limits', () => {
    expect([
      plan(sized(own('600m', '64Mi'), own('500m', '64Mi'))),
      plan(sized(own('500m', '96Mi'), own('500m', '64Mi'))),
      plan(sized(own('500m', '64Mi'), 'nothing')),
    ]).toMatchObject([
      { action: 'apply', changes: [] },
      { action: 'apply', changes: [{ container: { name: 'free' }, isRestarted: true }] },
      { action: 'apply', changes: [{ container: { name: 'limited' } }, { container: { name: 'free' } }] },
    ]);
  });

  it('waits with what it was given while there is no room for what it asks for', () => {
    const waiting = sized(own('3', '96Mi'), own('500m', '64Mi'));
    const message = "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000";
    expect(plan(waiting)).toEqual({ action: 'wait', reason: 'Infeasible', message });
    expect(asAllocated(waiting).spec?.resources).toEqual(own('500m', '64Mi'));
    expect(asAllocated(sized(own('3', '96Mi'), 'nothing')).spec?.resources).toBeUndefined();
  });

  it('asks for no resize before it was given anything', () => {
    const { status: _, ...fresh } = sized(own('500m', '64Mi'));
    expect([plan(fresh), asAllocated(fresh)]).toEqual([{ action: 'none' }, fresh]);
  });

  it('asks for nothing more once it was given what it asked for, whatever that was', () => {
    const amount = fc.constantFrom('100m', '0.2', '1', '1500m', '64Mi', '1Gi', '67108864');
    const list = fc.dictionary(fc.constantFrom('cpu', 'memory'), amount);
    const any = fc.option(fc.record({ requests: list, limits: list }, { requiredKeys: [] }), { nil: undefined });
    const spec = fc.record({ resources: any, app: any, side: any, overhead: fc.option(list, { nil: undefined }) });
    type List = { readonly [name: string]: string };
    type Given = { readonly requests?: List; readonly limits?: List } | undefined;
    const podOf = ({
      resources,
      app,
      side,
      overhead,
    }: Record<'resources' | 'app' | 'side', Given> & { readonly overhead: List | undefined }): Pod => {
      const init = { name: 'side', restartPolicy: 'Always', ...(side ? { resources: side } : {}) };
      const given = {
        ...{ initContainers: [init], containers: [{ name: 'app', ...(app ? { resources: app } : {}) }] },
        ...{ ...(resources ? { resources } : {}), ...(overhead ? { overhead } : {}) },
      };
      const statuses = { initContainerStatuses: [{ name: 'side' }], containerStatuses: [{ name: 'app' }] };
      const made = { metadata: { name: 'p' }, spec: applyPodSpecDefaults(given, { isPod: true }), status: statuses };
      return made as unknown as Pod;
    };
    fc.assert(
      fc.property(spec, spec, (before, after) => {
        const wide: Node = { metadata: {}, status: { allocatable: { cpu: '1Gi', memory: '1Ti' } } };
        const started = JSON.parse(JSON.stringify(withResources(podOf(before), podOf(before)))) as Pod;
        const resized: Pod = { ...podOf(after), status: started.status as NonNullable<Pod['status']> };
        expect(planResize(started, { node: wide, load: loadOf([]) })).toEqual({ action: 'none' });
        const done = JSON.parse(JSON.stringify(withResources(resized, resized))) as Pod;
        expect(planResize(done, { node: wide, load: loadOf([]) })).toEqual({ action: 'none' });
        expect(planResize(asAllocated(resized), { node: wide, load: loadOf([]) })).toEqual({ action: 'none' });
      }),
    );
  });

  it('is not given less memory than it uses', () => {
    const MI = 2 ** 20;
    const used = (limited: number, free: number) =>
      Object.entries({ limited, free }).map(([name, mebibytes]) => ({
        ...{ name, usageBytes: mebibytes * MI, memoryBytes: 0, processes: 1 },
      }));
    const lower = sized(own('500m', '48Mi'), own('500m', '64Mi'));
    const change = { container: { name: 'free' }, isRestarted: false };
    const obstacle = (changes: Parameters<typeof loweredMemory>[1], loads: ReturnType<typeof used>) => {
      const lowered = loweredMemory(lower, changes);
      return lowered && memoryObstacle(lowered, loads);
    };
    expect([
      obstacle([], used(8, 39)),
      obstacle([], used(8, 40)),
      obstacle([change], used(0, 50)),
      obstacle([{ ...change, isRestarted: true }], used(0, 10)),
      loweredMemory(sized(own('500m', '64Mi'), own('500m', '48Mi')), [change]),
    ]).toEqual([
      undefined,
      'cannot decrease memory limits: attempting to set pod memory limit (50331648) below current usage (50331648)',
      'cannot decrease memory limits: [attempting to set pod memory limit (50331648) below current usage (52428800), attempting to set container "free" memory limit (50331648) below current usage (52428800)]',
      undefined,
      undefined,
    ]);
  });

  it('may not be made one without, nor lose or change anything but processor and memory', () => {
    const said = (resources: object | undefined, old: object | undefined = own('1', '64Mi')) => {
      const of = (one: object | undefined) =>
        ({ ...pod('500m'), spec: { ...pod('500m').spec, resources: one } }) as Pod;
      return validatePodResize(of(resources), of(old)).map(({ field, message }) => `${field}: ${message}`);
    };
    expect([
      said(own('2', '1Gi')),
      said(own('2', '1Gi'), undefined),
      said(undefined),
      said({ limits: { memory: '1Gi' } }),
      said({ ...own('1', '64Mi'), limits: { ...own('1', '64Mi').limits, 'hugepages-2Mi': '2Mi' } }),
    ]).toEqual([
      [],
      [],
      ['spec.resources: Forbidden: pod-level resources cannot be removed'],
      [
        'spec.resources.requests: Forbidden: pod-level resource requests cannot be removed',
        'spec.resources.limits: Forbidden: pod-level resource limits cannot be removed',
      ],
      ['spec: Forbidden: only cpu and memory resources are mutable at pod-level'],
    ]);
  });
});

it('a resize leaves containers who they are, and when they are restarted for one', () => {
  const old = pod('1');
  const named = (name: string): Pod => ({ ...old, spec: { containers: [{ name, ...resourcesOf(old) }] } });
  const more: Pod = { ...old, spec: { containers: [...(old.spec?.containers ?? []), { name: 'd' }] } };
  const policy = pod('1', undefined, { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] });
  const said = (resized: Pod) => validatePodResize(resized, old).map(({ field, message }) => `${field}: ${message}`);
  expect([said(named('other')), said(more), said(policy)]).toEqual([
    ['spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize'],
    ['spec.containers: Forbidden: containers may not be added or removed on resize'],
    ['spec: Forbidden: only cpu and memory resources are mutable'],
  ]);
});

function resourcesOf({ spec }: Pod): Pick<Container, 'resources'> {
  const [first] = spec?.containers ?? [];
  return first?.resources ? { resources: first.resources } : {};
}
