import { createHash } from 'node:crypto';
import type { UnitState } from './service-manager.ts';

/** µs of CLOCK_MONOTONIC: the fake's units are as old as they really are, whatever time of day it was told. */
const monotonicNow = (): number => Number(process.hrtime.bigint() / 1_000n);

/** A unit file as far as the fake understands one. */
export interface FakeUnit {
  readonly name: string;
  /** `oneshot` runs to its end while starting; anything else is running once started. */
  readonly type?: 'simple' | 'notify' | 'oneshot';
  readonly remainAfterExit?: boolean;
  readonly restart?: 'no' | 'on-failure' | 'always';
  readonly restartUsec?: number;
  /** With which status a oneshot ends, or a service that does not get as far as running; 0 unless told. */
  readonly startStatus?: number;
  /** Started before it; it fails with them (`Requires=` and `After=`). */
  readonly requires?: readonly string[];
  /** Stopped and restarted with them. */
  readonly partOf?: readonly string[];
  readonly slice?: string;
}

/** What the fake remembers of a unit between two questions. */
export interface FakeRun {
  readonly state: UnitState;
}

/** A unit that never ran. */
export function blankState(name: string, isLoaded: boolean): UnitState {
  return {
    name,
    loadState: isLoaded ? 'loaded' : 'not-found',
    activeState: 'inactive',
    subState: 'dead',
    result: 'success',
    mainPid: 0,
    execMainCode: 0,
    execMainStatus: 0,
    execMainStartTimestamp: 0,
    execMainStartTimestampMonotonic: 0,
    execMainExitTimestamp: 0,
    activeEnterTimestamp: 0,
    stateChangeTimestamp: 0,
    nRestarts: 0,
    invocationId: '',
    restartUsecNext: 0,
    slice: '',
  };
}

/** The unit after its start job. */
export function started(
  unit: FakeUnit,
  before: UnitState,
  at: { readonly pid: number; readonly now: number },
): FakeRun {
  const running: UnitState = {
    ...before,
    activeState: 'active',
    subState: 'running',
    result: 'success',
    mainPid: at.pid,
    execMainCode: 0,
    execMainStatus: 0,
    execMainStartTimestamp: at.now,
    execMainStartTimestampMonotonic: monotonicNow(),
    execMainExitTimestamp: 0,
    activeEnterTimestamp: at.now,
    stateChangeTimestamp: at.now,
    invocationId: createHash('md5').update(`${unit.name} ${at.pid}`).digest('hex'),
    restartUsecNext: unit.restartUsec ?? 100_000,
    slice: unit.slice ?? 'system.slice',
  };
  const runsToItsEnd = unit.type === 'oneshot' || (unit.startStatus ?? 0) !== 0;
  return runsToItsEnd
    ? applyExit(unit, { state: running }, { status: unit.startStatus ?? 0, now: at.now })
    : { state: running };
}

/** How a main process ended. */
export interface FakeExit {
  readonly status?: number;
  readonly signal?: number;
  readonly now: number;
}

/** The unit after its main process ended: waits for its restart, failed, or done. */
export function applyExit(unit: FakeUnit, { state }: FakeRun, exit: FakeExit): FakeRun {
  const clean = exit.signal === undefined ? (exit.status ?? 0) === 0 : [1, 2, 13, 15].includes(exit.signal);
  const ended: UnitState = {
    ...state,
    mainPid: 0,
    execMainCode: exit.signal === undefined ? 1 : 2,
    execMainStatus: exit.signal ?? exit.status ?? 0,
    execMainExitTimestamp: exit.now,
    stateChangeTimestamp: exit.now,
    result: clean ? 'success' : exit.signal === undefined ? 'exit-code' : 'signal',
  };
  return { state: { ...ended, ...restState(unit, clean) } };
}

function restState(unit: FakeUnit, clean: boolean): Pick<UnitState, 'activeState' | 'subState'> {
  if (unit.restart === 'always' || (unit.restart === 'on-failure' && !clean)) {
    if (unit.type !== 'oneshot' || !clean) return { activeState: 'activating', subState: 'auto-restart' };
  }
  if (!clean) return { activeState: 'failed', subState: 'failed' };
  return unit.remainAfterExit === true
    ? { activeState: 'active', subState: 'exited' }
    : { activeState: 'inactive', subState: 'dead' };
}

/** The unit after its stop job. */
export function stopped({ state }: FakeRun, now: number): FakeRun {
  const ran = state.mainPid !== 0;
  const ended = ran ? { mainPid: 0, execMainCode: 2, execMainStatus: 15, execMainExitTimestamp: now } : {};
  return {
    state: {
      ...state,
      ...ended,
      activeState: 'inactive',
      subState: 'dead',
      result: 'success',
      stateChangeTimestamp: now,
      nRestarts: 0,
    },
  };
}
