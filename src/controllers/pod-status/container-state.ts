import type { UnitState } from '../../../systemd/service-manager.ts';
import type { ContainerState, ContainerStatus, Pod } from '../../kinds/types.ts';
import { formatTime } from '../../machinery/time.ts';
import { timeOf } from '../clock.ts';
import { nameOf, namespaceOf, uidOf } from '../meta.ts';
import { goDuration } from './duration.ts';
import type { ContainerObservation } from './facts.ts';
import { lastTermination, ofEnd, type Terminated } from './termination.ts';

/** What a container's state is made of. */
export interface StateInput {
  readonly pod: Pod;
  readonly name: string;
  readonly observation: ContainerObservation;
  readonly old: ContainerStatus | undefined;
  /** It starts before the others, and its end is none of the pod's. */
  readonly isInit?: boolean;
  /** The state of a container that hasn't been created yet. */
  readonly initial: ContainerState;
}

/** How far podman's and systemd's idea of when a container started may be apart. */
const START_TOLERANCE_MS = 5000;
const FIRST_BACKOFF_S = 10;
const LAST_BACKOFF_S = 300;

/** `name_namespace(uid)`: how the kubelet names a pod in its messages. */
export function podDescription(pod: Pod): string {
  return `${nameOf(pod)}_${namespaceOf(pod)}(${uidOf(pod)})`;
}

function backoffSeconds({ unit, end }: ContainerObservation): number {
  if (end !== undefined) return end.delaySeconds;
  if (unit === undefined || unit.restartUsecNext > 0) return (unit?.restartUsecNext ?? 0) / 1_000_000;
  return Math.min(FIRST_BACKOFF_S * 2 ** Math.min(unit.nRestarts, 10), LAST_BACKOFF_S);
}

/** Between an end and the next start: how it ended, or that it waits, and why. */
function restarting({ pod, name, observation, old, initial }: StateInput): ContainerState {
  const delay = backoffSeconds(observation);
  if (delay > 0) {
    const message = `back-off ${goDuration(delay)} restarting failed container=${name} pod=${podDescription(pod)}`;
    return { waiting: { reason: 'CrashLoopBackOff', message } };
  }
  const terminated = lastTermination(observation, idOf(observation) ?? old?.containerID);
  return terminated === undefined ? initial : { terminated };
}

function idOf({ container, lastId }: ContainerObservation): string | undefined {
  const id = container?.id ?? lastId;
  return id === undefined ? undefined : `podman://${id}`;
}

/** Whether this is the instance of the stored status: by id where both are known, else by start time. */
export function isSameInstance(old: ContainerStatus | undefined, { container, unit }: ContainerObservation): boolean {
  const startedAt = timeOf(old?.state?.running?.startedAt);
  if (startedAt === 0) return false;
  if (container !== undefined && old?.containerID !== undefined) return old.containerID === `podman://${container.id}`;
  return Math.abs((unit?.execMainStartTimestamp ?? 0) / 1000 - startedAt) <= START_TOLERANCE_MS;
}

function running({ observation, old }: StateInput): ContainerState {
  if (isSameInstance(old, observation)) return { running: { startedAt: old?.state?.running?.startedAt } };
  const { container, unit } = observation;
  const started = container?.startedAt || (unit?.execMainStartTimestamp ?? 0) / 1000;
  return { running: { startedAt: started > 0 ? formatTime(started) : undefined } };
}

function waiting({ observation, old, initial, isInit = false }: StateInput): ContainerState {
  if (observation.waiting !== undefined) return { waiting: observation.waiting };
  const { end } = observation;
  // What systemd has forgotten of init containers is written down; they start before anything else of the pod does.
  if (end !== undefined && (end.isFinal || isInit))
    return { terminated: ofEnd(end, idOf(observation) ?? old?.containerID) };
  return old?.state?.terminated === undefined ? initial : { terminated: old.state.terminated };
}

function ended(input: StateInput, unit: UnitState): ContainerState {
  const { observation, old } = input;
  if (unit.execMainStartTimestamp === 0 && unit.execMainExitTimestamp === 0) return waiting(input);
  const terminated = lastTermination(observation, idOf(observation) ?? old?.containerID);
  if (terminated !== undefined) return { terminated };
  return isRunning(observation) ? running(input) : waiting(input);
}

function isRunning({ container }: ContainerObservation): boolean {
  return container?.state === 'running' || container?.state === 'paused' || container?.state === 'stopping';
}

/** A unit that starts: its container may run already (a oneshot starts until it ends), or it waits for its turn. */
function starting(input: StateInput, { nRestarts, subState }: UnitState): ContainerState {
  if (isRunning(input.observation) || subState === 'start-post') return running(input);
  if (nRestarts > 0 && (subState === 'start-pre' || input.observation.end !== undefined)) return restarting(input);
  return input.observation.waiting === undefined ? input.initial : { waiting: input.observation.waiting };
}

/** The state of one container from its unit, with podman's word on whether it runs. Pure. */
export function containerState(input: StateInput): ContainerState {
  const { unit } = input.observation;
  if (unit === undefined || unit.loadState === 'not-found') {
    return isRunning(input.observation) ? running(input) : waiting(input);
  }
  switch (unit.activeState) {
    case 'active':
    case 'reloading':
      return unit.subState === 'exited' ? ended(input, unit) : running(input);
    case 'activating':
      return unit.subState.startsWith('auto-restart') ? restarting(input) : starting(input, unit);
    case 'deactivating':
      // Its unit still writes down how it ended: a pod that counted as finished now would be taken off before that.
      return running(input);
    case 'inactive':
    case 'failed':
    case 'maintenance':
      return ended(input, unit);
    default:
      unit.activeState satisfies never;
      return input.initial;
  }
}

/** The last end of the container before its present state. */
export function lastState({ observation, old }: StateInput, state: ContainerState): ContainerState {
  const before = old?.lastState ?? {};
  if (state.terminated !== undefined) {
    const last = old?.state?.terminated;
    return last === undefined || isSameEnd(last, state.terminated) ? before : { terminated: last };
  }
  if (state.running !== undefined && isSameInstance(old, observation)) return before;
  const { unit, end } = observation;
  // A unit that runs again has forgotten how it ended.
  const known = state.running !== undefined && end === undefined ? undefined : { unit, end };
  const terminated = known && lastTermination(known, endedId(observation, old, state));
  return terminated === undefined ? endOf(old, before) : { terminated };
}

/** Id of the container that ended last. */
function endedId(
  observation: ContainerObservation,
  old: ContainerStatus | undefined,
  state: ContainerState,
): string | undefined {
  const newest = idOf(observation);
  if (state.running === undefined) return newest ?? old?.containerID;
  return old?.containerID === newest ? old?.lastState?.terminated?.containerID : old?.containerID;
}

function isSameEnd(one: Terminated, other: Terminated): boolean {
  return one.finishedAt === other.finishedAt && one.exitCode === other.exitCode;
}

/** The stored state as a last state: an end as it is, a run whose end nobody saw as the runtime reports one. */
function endOf(old: ContainerStatus | undefined, before: ContainerState): ContainerState {
  if (old?.state?.terminated !== undefined) return { terminated: old.state.terminated };
  const run = old?.state?.running;
  if (run === undefined) return before;
  return {
    terminated: { exitCode: 255, reason: 'Unknown', startedAt: run.startedAt, containerID: old?.containerID },
  };
}
