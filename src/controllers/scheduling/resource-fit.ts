import { type Amounts, amountsOf, maxAmounts } from '../../kinds/quota/amounts.ts';
import { podRequirements } from '../../kinds/quota/pod-requirements.ts';
import type { ContainerStatus, Pod, ResourceRequirements, Sparse } from '../../kinds/types.ts';
import { podCondition } from '../workloads/pod-facts.ts';
import type { Obstacle, SchedulingSnapshot } from './snapshot.ts';

/** In upstream's order; all others are compared after them. */
const CORE = ['cpu', 'memory', 'ephemeral-storage'];

const known = new WeakMap<Pod, Amounts>();

/** A pod that is being resized holds what it has and what it will have, whichever is more. Counted once per version. */
export function heldBy(pod: Pod): Amounts {
  const amounts = known.get(pod) ?? countHeld(pod);
  known.set(pod, amounts);
  return amounts;
}

/** What is left of a sum when one of its parts goes. */
export function without(sum: Amounts, part: Amounts): Amounts {
  const less = (name: string): bigint => part.get(name)?.nano ?? 0n;
  return new Map([...sum].map(([name, { nano, format }]) => [name, { nano: nano - less(name), format }]));
}

function countHeld(pod: Pod): Amounts {
  const { spec, status } = pod;
  if (spec === undefined) return new Map();
  const isInVain = podCondition(pod, 'PodResizePending')?.reason === 'Infeasible';
  const given = new Map((status?.containerStatuses ?? []).map((one) => [one.name, one]));
  const containers = spec.containers.map((one) => withLarger(one, given.get(one.name), isInVain));
  const own = { resources: spec.resources };
  return podRequirements(
    { ...spec, ...withLarger(own, { resources: status?.resources }, isInVain), containers },
    'requests',
  );
}

interface Sized {
  readonly resources?: Sparse<ResourceRequirements> | undefined;
}

type Given = Pick<ContainerStatus, 'allocatedResources' | 'resources'>;

/** `determineEffectiveRequests`: what will never be given doesn't count. */
function withLarger<T extends Sized>(one: T, given: Given | undefined, isInVain: boolean): T {
  const held = [given?.allocatedResources, given?.resources?.requests].filter((list) => list !== undefined);
  if (held.length === 0 || one.resources?.requests === undefined) return one;
  const wanted = amountsOf(one.resources.requests);
  const larger = maxAmounts(...(isInVain ? [] : [wanted]), ...held.map(amountsOf));
  const own = [...larger].filter(([name]) => wanted.has(name));
  const requests = Object.fromEntries(own.map(([name, { nano }]) => [name, `${nano}n`]));
  return { ...one, resources: { ...one.resources, requests } };
}

/** What the node lacks for the pod, `NodeResourcesFit`: also room for one pod more. */
export function lackOfResources(
  pod: Pod,
  { node, load }: Pick<SchedulingSnapshot, 'node' | 'load'>,
): readonly Obstacle[] {
  const allocatable = amountsOf(node.status?.allocatable);
  const most = allocatable.get('pods');
  const isFull = most !== undefined && BigInt(load.count + 1) * 1_000_000_000n > most.nano;
  const wanted = podRequirements(pod.spec, 'requests');
  const asked = [...wanted].filter(([, { nano }]) => nano > 0n).map(([name]) => name);
  const names = [
    ...CORE.filter((name) => asked.includes(name)),
    ...asked.filter((name) => !CORE.includes(name)).sort(),
  ];
  const short = names.flatMap((name): readonly Obstacle[] => {
    const total = allocatable.get(name)?.nano;
    // A host whose memory isn't known yet refuses nobody.
    if (total === undefined && CORE.includes(name)) return [];
    const [ask, has] = [wanted.get(name)?.nano ?? 0n, total ?? 0n];
    if (ask <= has - (load.held.get(name)?.nano ?? 0n)) return [];
    return [{ reason: `Insufficient ${name}`, resolvable: ask <= has }];
  });
  return [...(isFull ? [{ reason: 'Too many pods', resolvable: true }] : []), ...short];
}
