import type { ServiceManager, UnitState } from '../../../systemd/service-manager.ts';
import type { ContainerFacts, Podman } from '../../host/podman.ts';
import type { Clock } from '../clock.ts';
import { createUnitMemory, type UnitMemory } from './unit-memory.ts';

const UID_LABEL = 'io.kubernetes.pod.uid';
/** From this many pods on, one listing of all containers is cheaper than one per pod. */
const MANY_PODS = 4;

/** Which of the host's facts somebody wants. */
export interface HostQuery {
  readonly uid: string;
  readonly units: readonly string[];
}

/** The host's answer. Units that systemd doesn't have in memory are missing: they don't run, and haven't failed. */
export interface HostAnswer {
  readonly units: ReadonlyMap<string, UnitState>;
  readonly containers: readonly ContainerFacts[];
}

/**
 * Reads units and containers; questions asked at the same time are answered by few reads. A unit that is up is read again
 * when something was heard of it, or after a minute: systemd takes a millisecond to tell one's 270 properties.
 */
export interface HostView {
  read(query: HostQuery): Promise<HostAnswer>;
  /** This unit may have changed; '' for all. */
  changed(unit: string): void;
}

interface Waiting {
  readonly query: HostQuery;
  readonly resolve: (answer: HostAnswer) => void;
  readonly reject: (error: unknown) => void;
}

async function readUnits(units: UnitMemory, names: readonly string[]): Promise<ReadonlyMap<string, UnitState>> {
  const states = await Promise.all(names.map((name) => units.peek(name)));
  return new Map(states.filter((s) => s !== undefined).map((s) => [s.name, s]));
}

async function readContainers(podman: Podman, uids: readonly string[]): Promise<readonly ContainerFacts[]> {
  if (uids.length >= MANY_PODS) return podman.listContainers({});
  return (await Promise.all(uids.map((uid) => podman.listContainers({ [UID_LABEL]: uid })))).flat();
}

/** The unit's command to start it has been carried out: before that of a pod's first unit, the pod has no containers. */
function isBeyondStart(unit: UnitState | undefined): boolean {
  return unit !== undefined && unit.activeState !== 'inactive' && unit.activeState !== 'activating';
}

async function answer(batch: readonly Waiting[], memory: UnitMemory, podman: Podman): Promise<void> {
  const names = [...new Set(batch.flatMap(({ query }) => query.units))];
  const units = await readUnits(memory, names);
  const begun = batch.filter(({ query }) => query.units.some((name) => isBeyondStart(units.get(name))));
  const containers = await readContainers(podman, [...new Set(begun.map(({ query }) => query.uid))]);
  for (const { query, resolve } of batch) {
    resolve({ units, containers: containers.filter((c) => c.labels[UID_LABEL] === query.uid) });
  }
}

/** A view over the two drivers. */
export function createHostView(manager: ServiceManager, podman: Podman, clock: Clock): HostView {
  const memory = createUnitMemory(manager, clock);
  let batch: Waiting[] = [];
  const flush = (): void => {
    const taken = batch;
    batch = [];
    answer(taken, memory, podman).catch((error: unknown) => {
      for (const { reject } of taken) reject(error);
    });
  };
  return {
    read: (query) =>
      new Promise((resolve, reject) => {
        if (batch.length === 0) setImmediate(flush);
        batch.push({ query, resolve, reject });
      }),
    changed: memory.forget,
  };
}
