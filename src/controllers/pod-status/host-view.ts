import type { ServiceManager, UnitState } from '../../../systemd/service-manager.ts';
import { isPodSlice } from '../../../translators/units/pod-slice.ts';
import type { ContainerFacts, Podman } from '../../host/podman.ts';
import type { Clock } from '../clock.ts';
import { createUnitMemory, type UnitMemory } from './unit-memory.ts';

const UID_LABEL = 'io.kubernetes.pod.uid';
/** From this many pods on, one listing of all containers is cheaper than one per pod. */
const MANY_PODS = 4;

/** Which of the host's facts somebody wants. */
export interface HostQuery {
  readonly uid: string;
  /** The pod's slice: units of these names in another one are those of a pod that had this one's name before. */
  readonly slice: string;
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

/** Those of the units that are the pod's. */
function ownUnits(units: ReadonlyMap<string, UnitState>, query: HostQuery): ReadonlyMap<string, UnitState> {
  const found = query.units.map((name) => units.get(name)).filter((unit) => unit !== undefined);
  return new Map(found.filter((unit) => !isAnothers(unit, query.slice)).map((unit) => [unit.name, unit]));
}

function isAnothers({ slice }: UnitState, own: string): boolean {
  return isPodSlice(slice) && slice !== own;
}

/** The unit's command to start it has been carried out: before that of a pod's first unit, the pod has no containers. */
function isBeyondStart(unit: UnitState): boolean {
  return unit.activeState !== 'inactive' && unit.activeState !== 'activating';
}

async function answer(batch: readonly Waiting[], memory: UnitMemory, podman: Podman): Promise<void> {
  const names = [...new Set(batch.flatMap(({ query }) => query.units))];
  const units = await readUnits(memory, names);
  const asked = batch.map(({ query, resolve }) => ({ query, resolve, own: ownUnits(units, query) }));
  const begun = asked.filter(({ own }) => [...own.values()].some(isBeyondStart));
  const containers = await readContainers(podman, [...new Set(begun.map(({ query }) => query.uid))]);
  for (const { query, resolve, own } of asked) {
    resolve({ units: own, containers: containers.filter((c) => c.labels[UID_LABEL] === query.uid) });
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
