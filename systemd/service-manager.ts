/** A unit's properties as the service manager reports them. Times are µs since the epoch unless told, 0 when never. */
export interface UnitState {
  readonly name: string;
  readonly loadState: string;
  readonly activeState: 'active' | 'reloading' | 'inactive' | 'failed' | 'activating' | 'deactivating' | 'maintenance';
  readonly subState: string;
  /** `success`, `exit-code`, `signal`, `timeout`, `oom-kill`, `start-limit-hit`, … */
  readonly result: string;
  readonly mainPid: number;
  /** CLD_EXITED 1, CLD_KILLED 2, CLD_DUMPED 3; 0 when it has not exited. */
  readonly execMainCode: number;
  readonly execMainStatus: number;
  readonly execMainStartTimestamp: number;
  /** The same in µs of CLOCK_MONOTONIC, which nobody sets. */
  readonly execMainStartTimestampMonotonic: number;
  readonly execMainExitTimestamp: number;
  readonly activeEnterTimestamp: number;
  readonly stateChangeTimestamp: number;
  /** Automatic restarts since the unit was last started by a job. */
  readonly nRestarts: number;
  /** Hex, without dashes; '' when it never ran since boot. */
  readonly invocationId: string;
  /** Delay before the next automatic restart in µs (RestartUSecNext); 0 when unknown. */
  readonly restartUsecNext: number;
  /** The slice that it runs in; '' for what has no processes, or no file any more. */
  readonly slice: string;
}

/** What a unit's control group may use; what isn't given stays as it is. */
export interface UnitResources {
  /** CPUWeight, 1 to 10000. */
  readonly cpuWeight?: number | undefined;
  /** CPUQuotaPerSecUSec: µs of processor time per second. */
  readonly cpuQuotaUsecPerSec?: number | undefined;
  /** MemoryMax in bytes. */
  readonly memoryMax?: number | undefined;
}

/** How a job ended: systemd's own word (`done`, `failed`, `canceled`, `timeout`, `dependency`, `skipped`). */
export type JobResult = 'done' | 'failed' | 'canceled' | 'timeout' | 'dependency' | 'skipped' | 'collected';

/**
 * The service manager, as `org.freedesktop.systemd1` offers it. Two implementations: `dbus-service-manager.ts`
 * and `fake-service-manager.ts`; both pass `service-manager.conformance.ts`.
 * Every method rejects with `ServiceManagerError` (D-Bus name, unit) when systemd refuses.
 */
export interface ServiceManager {
  /** daemon-reload; callers batch. Concurrent calls share one reload that starts after the last call. */
  reload(): Promise<void>;
  /** Enqueues a start job (mode `replace`) and resolves when it has ended. */
  start(unit: string, options?: { readonly signal?: AbortSignal }): Promise<JobResult>;
  /** Enqueues a start job and returns when systemd has accepted it. */
  startNoWait(unit: string): Promise<void>;
  stop(unit: string, options?: { readonly signal?: AbortSignal }): Promise<JobResult>;
  restart(unit: string, options?: { readonly signal?: AbortSignal }): Promise<JobResult>;
  resetFailed(unit: string): Promise<void>;
  /** Sends a signal to every process of the unit. */
  kill(unit: string, signal: number): Promise<void>;
  /**
   * Gives a loaded unit's control group other limits at once, until the next boot. A reload alone shows what files say of a
   * slice that is there already, and leaves its group as it was.
   */
  setResources(unit: string, resources: UnitResources): Promise<void>;
  /** All loaded units whose name matches one of the glob patterns, with their properties. */
  list(patterns: readonly string[]): Promise<readonly UnitState[]>;
  /** One unit; `loadState` is `not-found` when there is none. */
  get(unit: string): Promise<UnitState>;
  /**
   * One unit as systemd has it in memory; undefined when it hasn't: nothing of it runs, is asked for, or has failed. `get` has
   * systemd read such a unit, and whatever it refers to, for the question alone, and forget it all again.
   */
  peek(unit: string): Promise<UnitState | undefined>;
  /**
   * Calls `listener` with the name of a unit below `prefix` (`qs-`) whose state may have changed, until aborted.
   * A hint to re-read, coalesced; also called with '' after a reconnect: re-read everything.
   * Resolves when the watch is in place; without a bus after the first attempt, and '' follows once there is one.
   */
  watch(prefix: string, listener: (unit: string) => void, options: { readonly signal: AbortSignal }): Promise<void>;
  close(): void;
}

/** systemd refused or could not be reached. */
export class ServiceManagerError extends Error {
  readonly dbusName: string;
  readonly unit: string;

  constructor(message: string, details: { dbusName: string; unit: string }, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServiceManagerError';
    this.dbusName = details.dbusName;
    this.unit = details.unit;
  }
}
