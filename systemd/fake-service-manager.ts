import { coalesced } from './coalesce.ts';
import { applyExit, blankState, type FakeRun, type FakeUnit, started, stopped } from './fake-unit.ts';
import { type JobResult, type ServiceManager, ServiceManagerError, type UnitState } from './service-manager.ts';
import { createUnitHints } from './unit-hints.ts';

/** A service manager in memory, with strings to pull. */
export interface FakeServiceManager extends ServiceManager {
  /** Puts a unit on the "disk"; known after `reload`. */
  define(unit: FakeUnit): void;
  /** Takes it off again. */
  undefine(name: string): void;
  /** The main process of a running unit ends. */
  exit(name: string, how: { readonly status?: number; readonly signal?: number }): void;
  /** The pause before the automatic restart is over. */
  restartDue(name: string): void;
  /** The bus went away and came back: every watcher hears ''. */
  reconnect(): void;
  /** What was asked for, in order: `reload`, `start web.service`, … */
  readonly calls: readonly string[];
}

/** Options of the fake. */
export interface FakeServiceManagerOptions {
  /** µs since the epoch; unless told, a counter that rises by one millisecond per question. */
  readonly now?: () => number;
}

/** No units at all. */
export function createFakeServiceManager(options: FakeServiceManagerOptions = {}): FakeServiceManager {
  return fakeOver(new Map(), options.now ?? countingClock());
}

function countingClock(): () => number {
  let time = 1_800_000_000_000_000;
  return () => {
    time += 1_000;
    return time;
  };
}

function fakeOver(disk: Map<string, FakeUnit>, now: () => number): FakeServiceManager {
  const loaded = new Map<string, FakeUnit>();
  const runs = new Map<string, FakeRun>();
  const hints = createUnitHints();
  const calls: string[] = [];
  let lastPid = 1000;

  const set = (name: string, run: FakeRun): void => {
    runs.set(name, run);
    hints.changed(name);
  };
  const runOf = (name: string): FakeRun => runs.get(name) ?? { state: blankState(name, loaded.has(name)) };
  const known = (name: string): FakeUnit => {
    const unit = loaded.get(name);
    if (unit === undefined) throw noSuchUnit(name);
    return unit;
  };

  const startUnit = (name: string): JobResult => {
    const unit = known(name);
    if (runOf(name).state.activeState === 'active') return 'done';
    const requirements = (unit.requires ?? []).map((required) =>
      loaded.has(required) ? startUnit(required) : 'failed',
    );
    if (requirements.some((result) => result !== 'done')) return 'dependency';
    lastPid += 1;
    const run = started(unit, runOf(name).state, { pid: lastPid, now: now() });
    set(name, run);
    return run.state.result === 'success' ? 'done' : 'failed';
  };

  const stopUnit = (name: string): JobResult => {
    if (!loaded.has(name) && !runs.has(name)) throw noSuchUnit(name);
    for (const part of partsOf(name)) if (runOf(part).state.activeState !== 'inactive') stopUnit(part);
    set(name, stopped(runOf(name), now()));
    return 'done';
  };

  const partsOf = (name: string): readonly string[] =>
    [...loaded.values()].filter((unit) => unit.partOf?.includes(name)).map((unit) => unit.name);

  const restartUnit = (name: string): JobResult => {
    known(name);
    const running = partsOf(name).filter((part) => runOf(part).state.activeState === 'active');
    stopUnit(name);
    const result = startUnit(name);
    for (const part of running) startUnit(part);
    return result;
  };

  const exit: FakeServiceManager['exit'] = (name, how) => {
    set(name, applyExit(known(name), runOf(name), { ...how, now: now() }));
  };

  const job = (verb: string, action: (name: string) => JobResult) => async (name: string, more?: WithSignal) => {
    more?.signal?.throwIfAborted();
    calls.push(`${verb} ${name}`);
    return action(name);
  };
  const start = job('start', startUnit);

  return {
    calls,
    define: (unit) => void disk.set(unit.name, unit),
    undefine: (name) => void disk.delete(name),
    exit,
    restartDue: (name) => {
      const { state } = runOf(name);
      if (state.subState !== 'auto-restart') throw new Error(`${name} does not wait for a restart`);
      lastPid += 1;
      set(name, started(known(name), { ...state, nRestarts: state.nRestarts + 1 }, { pid: lastPid, now: now() }));
    },
    reconnect: () => hints.changed(''),
    reload: coalesced(async () => {
      calls.push('reload');
      loaded.clear();
      for (const [name, unit] of disk) loaded.set(name, unit);
      for (const name of runs.keys()) hints.changed(name);
    }),
    start,
    startNoWait: async (name) => void (await start(name)),
    stop: job('stop', stopUnit),
    restart: job('restart', restartUnit),
    resetFailed: async (name) => {
      calls.push(`reset-failed ${name}`);
      known(name);
      const { state } = runOf(name);
      if (state.activeState === 'failed')
        set(name, { state: { ...state, activeState: 'inactive', subState: 'dead', result: 'success' } });
    },
    kill: async (name, signal) => {
      calls.push(`kill ${name} ${signal}`);
      known(name);
      if (runOf(name).state.mainPid !== 0) exit(name, { signal });
    },
    setResources: async (name, resources) => {
      calls.push(`resources ${name} ${Object.values(resources).join(' ')}`);
      known(name);
    },
    list: async (patterns) => {
      const names = [...new Set([...loaded.keys(), ...runs.keys()])].filter((name) =>
        patterns.some((p) => globMatches(p, name)),
      );
      return names.map((name) => stateNow(runOf(name).state, loaded.has(name))).filter(exists);
    },
    get: async (name) => stateNow(runOf(name).state, loaded.has(name)),
    peek: async (name) => (runs.has(name) ? stateNow(runOf(name).state, loaded.has(name)) : undefined),
    watch: async (prefix, listener, { signal }) => hints.add(prefix, listener, signal),
    close: () => undefined,
  };
}

interface WithSignal {
  readonly signal?: AbortSignal;
}

const exists = (state: UnitState): boolean => state.loadState !== 'not-found' || state.activeState !== 'inactive';

const stateNow = (state: UnitState, isLoaded: boolean): UnitState => ({
  ...state,
  loadState: isLoaded ? 'loaded' : 'not-found',
});

function noSuchUnit(unit: string): ServiceManagerError {
  const details = { dbusName: 'org.freedesktop.systemd1.NoSuchUnit', unit };
  return new ServiceManagerError(`systemd: ${unit}: Unit ${unit} not found.`, details);
}

/** fnmatch(3) without brackets, which is what callers use. */
function globMatches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}
