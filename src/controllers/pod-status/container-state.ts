import type { UnitState } from '../../../systemd/service-manager.ts';
import type { ContainerState, ContainerStatus, Pod } from '../../kinds/types.ts';
import { formatTime } from '../../machinery/time.ts';
import { timeOf } from '../clock.ts';
import { nameOf, namespaceOf, uidOf } from '../meta.ts';
import { goDuration } from './duration.ts';
import type { Completion, ContainerObservation } from './facts.ts';

type Terminated = NonNullable<ContainerState['terminated']>;

/** What a container's state is made of. */
export interface StateInput {
  readonly pod: Pod;
  readonly name: string;
  readonly observation: ContainerObservation;
  readonly old: ContainerStatus | undefined;
  /** The state of a container that hasn't been created yet. */
  readonly initial: ContainerState;
}

const CLD_EXITED = 1;
/** How far podman's and systemd's idea of when a container started may be apart. */
const START_TOLERANCE_MS = 5000;
const FIRST_BACKOFF_S = 10;
const LAST_BACKOFF_S = 300;

/** `name_namespace(uid)`: how the kubelet names a pod in its messages. */
export function podDescription(pod: Pod): string {
  return `${nameOf(pod)}_${namespaceOf(pod)}(${uidOf(pod)})`;
}

function microTime(us: number): string | undefined {
  return us > 0 ? formatTime(us / 1000) : undefined;
}

function exitCodeOf({ execMainCode, execMainStatus }: UnitState): number {
  return execMainCode === CLD_EXITED || execMainCode === 0 ? execMainStatus : 128 + execMainStatus;
}

/** How the unit's last run ended; undefined when it never ended one. */
export function terminationOf(unit: UnitState, containerID: string | undefined): Terminated | undefined {
  if (unit.execMainExitTimestamp === 0) return undefined;
  const exitCode = exitCodeOf(unit);
  const reason = unit.result === 'oom-kill' ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error';
  return {
    exitCode,
    reason,
    startedAt: microTime(unit.execMainStartTimestamp),
    finishedAt: microTime(unit.execMainExitTimestamp),
    containerID,
  };
}

function backoffSeconds({ restartUsecNext, nRestarts }: UnitState): number {
  if (restartUsecNext > 0) return restartUsecNext / 1_000_000;
  return Math.min(FIRST_BACKOFF_S * 2 ** Math.min(nRestarts, 10), LAST_BACKOFF_S);
}

function crashLoop({ pod, name }: StateInput, unit: UnitState): ContainerState {
  const delay = goDuration(backoffSeconds(unit));
  const message = `back-off ${delay} restarting failed container=${name} pod=${podDescription(pod)}`;
  return { waiting: { reason: 'CrashLoopBackOff', message } };
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

function completed({ exitCode, finishedAt }: Completion, old: ContainerStatus | undefined): Terminated {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  const startedAt = old?.state?.running?.startedAt;
  return { exitCode, reason, startedAt, finishedAt: formatTime(finishedAt), containerID: old?.containerID };
}

function waiting({ observation, old, initial }: StateInput): ContainerState {
  if (observation.waiting !== undefined) return { waiting: observation.waiting };
  if (old?.state?.terminated !== undefined) return { terminated: old.state.terminated };
  return observation.completion === undefined ? initial : { terminated: completed(observation.completion, old) };
}

function ended(input: StateInput, unit: UnitState): ContainerState {
  const terminated = terminationOf(unit, input.old?.containerID);
  if (terminated !== undefined) return { terminated };
  return unit.execMainStartTimestamp === 0 ? waiting(input) : running(input);
}

function isRunning({ container }: ContainerObservation): boolean {
  return container?.state === 'running' || container?.state === 'paused' || container?.state === 'stopping';
}

/** A unit that starts: its container may run already (a oneshot starts until it ends). */
function starting(input: StateInput): ContainerState {
  if (isRunning(input.observation)) return running(input);
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
      return unit.subState.startsWith('auto-restart') ? crashLoop(input, unit) : starting(input);
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
  if (state.waiting !== undefined) {
    const terminated = observation.unit && terminationOf(observation.unit, old?.containerID);
    return terminated === undefined ? endOf(old, before) : { terminated };
  }
  if (state.running === undefined) return before;
  if (isSameInstance(old, observation)) return before;
  return endOf(old, before);
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
