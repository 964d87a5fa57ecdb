import type { Bus, BusCallOptions, BusSignal } from './bus.ts';
import { type BusLink, createBusLink } from './bus-link.ts';
import { coalesced } from './coalesce.ts';
import { createJobWaiters, type JobWaiters } from './job-waiters.ts';
import {
  type JobResult,
  type ServiceManager,
  ServiceManagerError,
  type UnitResources,
  type UnitState,
} from './service-manager.ts';
import { createUnitHints, type UnitHints, unitOfSignal } from './unit-hints.ts';
import { createUnitNews, type UnitNews } from './unit-news.ts';
import { unitPath } from './unit-path.ts';
import { type UnitProperties, unitStateOf } from './unit-properties.ts';

/** Where the service manager is. */
export interface DbusServiceManagerOptions {
  /** The system bus unless told; `unix:path=$XDG_RUNTIME_DIR/bus` for a user's service manager. */
  readonly address?: string;
  /** Delay before the n-th attempt in a row to reach the bus, ms. Unless told 0.1 s doubling to 10 s. */
  readonly backOff?: (attempt: number) => number;
}

const SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';
const SYSTEMD = 'org.freedesktop.systemd1';
const MANAGER_PATH = '/org/freedesktop/systemd1';
/**
 * Property changes of units, once per change (their other interfaces tell of the same), and jobs that have ended. Not
 * units that come and go: that says nothing about their state, and every reload tells it twice of every unit.
 */
const RULES: readonly string[] = [
  `type='signal',sender='${SYSTEMD}',path_namespace='${MANAGER_PATH}/unit',member='PropertiesChanged',arg0='${SYSTEMD}.Unit'`,
  `type='signal',sender='${SYSTEMD}',path='${MANAGER_PATH}',member='JobRemoved'`,
];
const NO_SUCH_UNIT = `${SYSTEMD}.NoSuchUnit`;
/** A reload runs every generator (Quadlet's too); on a slow disk with hundreds of units that takes a while. */
const RELOAD_TIMEOUT_MS = 180_000;

type Method = (member: string, signature?: string, body?: readonly unknown[], options?: BusCallOptions) => Reply;
type Reply = Promise<readonly unknown[]>;

/** What hears signals. */
interface Hearing {
  readonly jobs: JobWaiters;
  readonly hints: UnitHints;
  readonly news: UnitNews;
}

interface Parts {
  readonly link: BusLink;
  readonly jobs: JobWaiters;
  readonly hints: UnitHints;
}

/**
 * systemd over D-Bus (org.freedesktop.systemd1(5)). Connects at the first call; a lost connection fails what
 * was waiting on it, and is made again by the next call, or by itself while somebody watches.
 */
export function createDbusServiceManager(options: DbusServiceManagerOptions = {}): ServiceManager {
  const jobs = createJobWaiters();
  const hints = createUnitHints();
  const news = createUnitNews();
  const link = createBusLink({
    address: options.address ?? SYSTEM_BUS,
    ...(options.backOff === undefined ? {} : { backOff: options.backOff }),
    setUp: subscribe,
    onSignal: (signal) => handleSignal(signal, { jobs, hints, news }),
    onLost: (cause) => {
      jobs.failAll(cause);
      news.forget();
    },
    onRestored: () => hints.changed(''),
  });
  return serviceManagerOver({ link, jobs, hints });
}

function serviceManagerOver({ link, jobs, hints }: Parts): ServiceManager {
  const manager = managerMethods(link);
  const job = jobMethod(manager, jobs);
  return {
    reload: coalesced(() =>
      refusable('', () => manager('Reload', undefined, undefined, { timeoutMs: RELOAD_TIMEOUT_MS })),
    ),
    start: (unit, options) => job('StartUnit', unit, options?.signal),
    stop: (unit, options) => job('StopUnit', unit, options?.signal),
    restart: (unit, options) => job('RestartUnit', unit, options?.signal),
    startNoWait: (unit) => refusable(unit, () => manager('StartUnit', 'ss', [unit, 'replace'])),
    resetFailed: (unit) => refusable(unit, () => manager('ResetFailedUnit', 's', [unit])),
    kill: (unit, signal) => refusable(unit, () => manager('KillUnit', 'ssi', [unit, 'all', signal])),
    setResources: (unit, resources) =>
      refusable(unit, () => manager('SetUnitProperties', 'sba(sv)', [unit, true, propertiesOf(resources)])),
    list: (patterns) => listUnits(link, manager, patterns),
    get: (unit) => readUnit(link, unit),
    peek: (unit) => peekUnit(link, manager, unit),
    watch: async (prefix, listener, { signal }) => {
      hints.add(prefix, listener, signal);
      await link.keep();
    },
    close: () => link.close(),
  };
}

function propertiesOf({ cpuWeight, cpuQuotaUsecPerSec, memoryMax }: UnitResources): readonly unknown[] {
  const all = { CPUWeight: cpuWeight, CPUQuotaPerSecUSec: cpuQuotaUsecPerSec, MemoryMax: memoryMax };
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, ['t', BigInt(value)]]]));
}

async function subscribe(bus: Bus): Promise<void> {
  await Promise.all(RULES.map((rule) => bus.addMatch(rule)));
  await bus.call({ destination: SYSTEMD, path: MANAGER_PATH, interface: `${SYSTEMD}.Manager`, member: 'Subscribe' });
}

function handleSignal(signal: BusSignal, { jobs, hints, news }: Hearing): void {
  if (signal.member === 'JobRemoved') jobs.finished(String(signal.body[1]), String(signal.body[3]));
  const unit = unitOfSignal(signal);
  if (unit !== undefined && hints.isWatched(unit) && news.isNews(unit, signal)) hints.changed(unit);
}

function managerMethods(link: BusLink): Method {
  return async (member, signature, body, options) => {
    const bus = await link.bus();
    const target = { destination: SYSTEMD, path: MANAGER_PATH, interface: `${SYSTEMD}.Manager`, member };
    return bus.call(signature === undefined ? target : { ...target, signature, body: body ?? [] }, options);
  };
}

function jobMethod(manager: Method, jobs: JobWaiters) {
  return (member: string, unit: string, signal?: AbortSignal): Promise<JobResult> =>
    withUnit(
      unit,
      async () => {
        signal?.throwIfAborted();
        let result: Promise<JobResult> | undefined;
        const onReply = ([path]: readonly unknown[]): void => {
          result = jobs.wait(String(path), signal);
          result.catch(() => undefined);
        };
        await manager(member, 'ss', [unit, 'replace'], { onReply });
        return result ?? 'canceled';
      },
      signal,
    );
}

async function listUnits(link: BusLink, manager: Method, patterns: readonly string[]): Promise<readonly UnitState[]> {
  const [rows] = await withUnit('', () => manager('ListUnitsByPatterns', 'asas', [[], [...patterns]]));
  const names = Array.isArray(rows) ? rows.map((row: readonly unknown[]) => String(row[0])) : [];
  const states = await Promise.all(names.map((name) => readUnit(link, name)));
  // A name that something merely refers to is loaded too; only what exists, or still runs, is a unit.
  return states.filter((state) => state.loadState !== 'not-found' || state.activeState !== 'inactive');
}

/**
 * One GetAll with no interface named: all properties of all the unit's interfaces in one consistent reply.
 * Reading the path of an unloaded unit loads it.
 */
function readUnit(link: BusLink, unit: string): Promise<UnitState> {
  return withUnit(unit, async () => {
    const bus = await link.bus();
    const [properties] = await bus.call({
      destination: SYSTEMD,
      path: unitPath(unit),
      interface: 'org.freedesktop.DBus.Properties',
      member: 'GetAll',
      signature: 's',
      body: [''],
    });
    return unitStateOf(unit, (properties ?? {}) as UnitProperties);
  });
}

async function peekUnit(link: BusLink, manager: Method, unit: string): Promise<UnitState | undefined> {
  try {
    await withUnit(unit, () => manager('GetUnit', 's', [unit]));
  } catch (error) {
    if (error instanceof ServiceManagerError && error.dbusName === NO_SUCH_UNIT) return undefined;
    throw error;
  }
  const state = await readUnit(link, unit);
  // Something may refer to a unit that there is no file of.
  return state.loadState === 'not-found' && state.activeState === 'inactive' ? undefined : state;
}

async function refusable(unit: string, action: () => Reply): Promise<void> {
  await withUnit(unit, action);
}

/** Runs `action`; what it rejects with becomes a ServiceManagerError that names the unit, except an abort. */
async function withUnit<T>(unit: string, action: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw serviceManagerError(unit, error);
  }
}

function serviceManagerError(unit: string, error: unknown): ServiceManagerError {
  const message = error instanceof Error ? error.message : String(error);
  const dbusName =
    error instanceof Error && 'dbusName' in error && typeof error.dbusName === 'string'
      ? error.dbusName
      : 'org.freedesktop.DBus.Error.Disconnected';
  return new ServiceManagerError(
    `systemd: ${unit === '' ? '' : `${unit}: `}${message}`,
    { dbusName, unit },
    { cause: error },
  );
}
