import { units } from '../../../translators/units/pod/amounts.ts';
import { containerGroup } from '../../../translators/units/pod/container-group.ts';
import { podLimit } from '../../../translators/units/pod/slice.ts';
import type { Container, Pod } from '../../kinds/types.ts';
import type { ContainerMemory } from '../eviction/pod-usage.ts';
import { allContainers } from './agent.ts';
import { asAllocated, type Change } from './resize-plan.ts';

/** Memory limits in bytes that a resize makes smaller, or sets where there was none. */
export interface LoweredMemory {
  readonly pod: number | undefined;
  /** By name; not of those that are restarted for it. */
  readonly containers: ReadonlyMap<string, number>;
}

/** What a resize lowers; undefined when that is nothing. Pure. */
export function loweredMemory(pod: Pod, changes: readonly Change[]): LoweredMemory | undefined {
  const allocated = asAllocated(pod);
  const before = new Map(allContainers(allocated).map(({ container }) => [container.name, container]));
  const containers = changes.flatMap(({ container, isRestarted }) => {
    const old = before.get(container.name);
    if (isRestarted || old === undefined) return [];
    const limit = lowered(groupLimit(allocated, old), groupLimit(pod, container));
    return limit === undefined ? [] : [[container.name, limit] as const];
  });
  const own = lowered(limitOf(allocated), limitOf(pod));
  return own === undefined && containers.length === 0 ? undefined : { pod: own, containers: new Map(containers) };
}

/** The limit of now where it is less than before, or where there was none. */
function lowered(before: number | undefined, now: number | undefined): number | undefined {
  return now !== undefined && (before === undefined || now < before) ? now : undefined;
}

function limitOf({ spec }: Pod): number | undefined {
  return spec === undefined ? undefined : units(podLimit(spec, 'memory'));
}

function groupLimit(pod: Pod, container: Container): number | undefined {
  const { memoryBytes } = containerGroup(pod, container);
  return memoryBytes === -1 ? undefined : memoryBytes;
}

/**
 * `validateMemoryResizeAction`: why limits can't be lowered, which would have the kernel end processes; undefined when
 * they can. Pure.
 */
export function memoryObstacle(
  { pod, containers }: LoweredMemory,
  used: readonly ContainerMemory[],
): string | undefined {
  const usage = used.reduce((sum, { usageBytes }) => sum + usageBytes, 0);
  const ofPod = pod !== undefined && usage >= pod;
  const errors = [
    ...(ofPod ? [`attempting to set pod memory limit (${pod}) below current usage (${usage})`] : []),
    ...used.flatMap(({ name, usageBytes }) => {
      const limit = containers.get(name);
      if (limit === undefined || usageBytes < limit) return [];
      // Upstream's sentence gives the usage of all.
      return [`attempting to set container "${name}" memory limit (${limit}) below current usage (${usage})`];
    }),
  ];
  if (errors.length === 0) return undefined;
  return `cannot decrease memory limits: ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}`;
}
