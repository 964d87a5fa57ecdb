import type { UnitState } from '../../../systemd/service-manager.ts';
import type { ContainerState } from '../../kinds/types.ts';
import { formatTime } from '../../machinery/time.ts';
import type { ContainerObservation, RunEnd } from './facts.ts';

/** How a container ended. */
export type Terminated = NonNullable<ContainerState['terminated']>;

const CLD_EXITED = 1;
/** What runtimes say of a container that could not be started. */
const START_ERROR = 128;

/**
 * How the last run ended; undefined when none has. What the unit wrote down says more than systemd's memory of it, and
 * outlives reboots; it counts while systemd remembers the same run or none, or has started the next one already.
 */
export function lastTermination(
  { unit, end }: Pick<ContainerObservation, 'unit' | 'end'>,
  containerID: string | undefined,
): Terminated | undefined {
  if (end === undefined) return unit && ofUnit(unit, containerID);
  const isOlder = unit !== undefined && unit.execMainExitTimestamp / 1000 > end.finishedAt + 2000;
  return isOlder ? ofUnit(unit, containerID) : ofEnd(end, containerID);
}

/** A written end as a state. */
export function ofEnd(end: RunEnd, containerID: string | undefined): Terminated {
  const { exitCode, failure, message, startedAt, finishedAt } = end;
  const times = { startedAt: formatTime(startedAt), finishedAt: formatTime(finishedAt), containerID };
  if (failure !== '') return { exitCode: START_ERROR, reason: 'StartError', message: failure, ...times };
  const said = message === '' ? {} : { message };
  return { exitCode, reason: reasonOf(end.result, exitCode), ...said, ...times };
}

function ofUnit(unit: UnitState, containerID: string | undefined): Terminated | undefined {
  if (unit.execMainExitTimestamp === 0) return undefined;
  const exitCode = exitCodeOf(unit);
  return {
    exitCode,
    reason: reasonOf(unit.result, exitCode),
    startedAt: microTime(unit.execMainStartTimestamp),
    finishedAt: microTime(unit.execMainExitTimestamp),
    containerID,
  };
}

function reasonOf(result: string, exitCode: number): string {
  if (result === 'oom-kill') return 'OOMKilled';
  return exitCode === 0 ? 'Completed' : 'Error';
}

function exitCodeOf({ execMainCode, execMainStatus }: UnitState): number {
  return execMainCode === CLD_EXITED || execMainCode === 0 ? execMainStatus : 128 + execMainStatus;
}

function microTime(us: number): string | undefined {
  return us > 0 ? formatTime(us / 1000) : undefined;
}
