import { type Amounts, addAmounts, amountsOf, maxAmounts } from '../../kinds/quota/amounts.ts';
import { podRequirements } from '../../kinds/quota/pod-requirements.ts';
import type { Container, ContainerStatus, Pod, Sparse } from '../../kinds/types.ts';
import type { Obstacle, SchedulingSnapshot } from './snapshot.ts';

/** In upstream's order; all others are compared after them. */
const CORE = ['cpu', 'memory', 'ephemeral-storage'];

/** A pod that is being resized holds what it has and what it will have, whichever is more. */
export function heldBy(pod: Pod): Amounts {
  const { spec, status } = pod;
  if (spec === undefined) return new Map();
  const given = new Map((status?.containerStatuses ?? []).map((one) => [one.name, one]));
  const containers = spec.containers.map((container) => withLarger(container, given.get(container.name)));
  return podRequirements({ ...spec, containers }, 'requests');
}

function withLarger(container: Container, status: ContainerStatus | undefined): Sparse<Container> {
  const held = [status?.allocatedResources, status?.resources?.requests].filter((list) => list !== undefined);
  if (held.length === 0 || container.resources?.requests === undefined) return container;
  const wanted = amountsOf(container.resources.requests);
  const larger = maxAmounts(wanted, ...held.map(amountsOf));
  const requests = Object.fromEntries([...larger].map(([name, { nano }]) => [name, `${nano}n`]));
  return { ...container, resources: { ...container.resources, requests } };
}

/** What the node lacks for the pod, `NodeResourcesFit`: also room for one pod more. */
export function lackOfResources(pod: Pod, { node, bound }: SchedulingSnapshot): readonly Obstacle[] {
  const allocatable = amountsOf(node.status?.allocatable);
  const most = allocatable.get('pods');
  const isFull = most !== undefined && BigInt(bound.length + 1) * 1_000_000_000n > most.nano;
  const wanted = podRequirements(pod.spec, 'requests');
  const asked = [...wanted].filter(([, { nano }]) => nano > 0n).map(([name]) => name);
  const used = asked.length === 0 ? new Map() : addAmounts(...bound.map(heldBy));
  const names = [
    ...CORE.filter((name) => asked.includes(name)),
    ...asked.filter((name) => !CORE.includes(name)).sort(),
  ];
  const short = names.flatMap((name): readonly Obstacle[] => {
    const total = allocatable.get(name)?.nano;
    // A host whose memory isn't known yet refuses nobody.
    if (total === undefined && CORE.includes(name)) return [];
    const [ask, has] = [wanted.get(name)?.nano ?? 0n, total ?? 0n];
    if (ask <= has - (used.get(name)?.nano ?? 0n)) return [];
    return [{ reason: `Insufficient ${name}`, resolvable: ask <= has }];
  });
  return [...(isFull ? [{ reason: 'Too many pods', resolvable: true }] : []), ...short];
}
