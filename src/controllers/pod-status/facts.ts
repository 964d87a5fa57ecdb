import type { UnitState } from '../../../systemd/service-manager.ts';
import type { ContainerFacts } from '../../host/podman.ts';
import type { Eviction } from '../eviction/boards.ts';

/** What the prober last found out about a container. Absent fields: not probed (yet). */
export interface ProbeResult {
  readonly ready?: boolean;
  readonly started?: boolean;
  /** Invocation of the container's unit that this is about; absent: the present one. */
  readonly run?: string;
}

/** A failed probe or a restart because of one, for Events. */
export interface ProbeIncident {
  readonly container: string;
  readonly type: 'Normal' | 'Warning';
  /** `Unhealthy` or `Killing`. */
  readonly reason: string;
  readonly message: string;
}

/** Results of a pod's probes. */
export interface PodProbeResults {
  readonly containers: { readonly [name: string]: ProbeResult };
}

/** What is new of a pod's results. */
export interface ProbeNews {
  /** Something failed: told once for each. */
  readonly incident?: ProbeIncident;
  /** All that is probed of the pod is ready now, or no longer is. */
  readonly hasTurned?: boolean;
}

/** Reads what the prober writes down. */
export interface ProbeReader {
  /** Undefined when nothing was probed. */
  read(uid: string): Promise<PodProbeResults | undefined>;
  /** Calls `listener` with the uid of a pod whose results changed. Until aborted. */
  watch(listener: (uid: string, news: ProbeNews) => void, options: { readonly signal: AbortSignal }): void;
}

/** Why a container isn't created yet. */
export interface WaitingReason {
  readonly reason: string;
  readonly message?: string;
}

/** How a container ended last, as its unit wrote it down. Times are ms since the epoch. */
export interface RunEnd {
  /** Invocation of the unit that ended. */
  readonly invocation: string;
  /** systemd's word on the unit: `success`, `exit-code`, `oom-kill`, … */
  readonly result: string;
  readonly exitCode: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** Pause before the next start. */
  readonly delaySeconds: number;
  /** Why podman could not start it; '' when it ran. */
  readonly failure: string;
  /** The termination message. */
  readonly message: string;
  /** It will not be started again. */
  readonly isFinal: boolean;
}

/** Something that a unit's script wants to be told as an Event. */
export interface RunIncident {
  /** Tells one from another. */
  readonly at: string;
  readonly reason: string;
  readonly message: string;
}

/** What units leave of a container's runs. */
export interface RunRecord {
  readonly end?: RunEnd;
  readonly incident?: RunIncident;
  /** How often it was started again with all others of the pod, and before that by systemd, since the pod's start. */
  readonly restarts?: number;
}

/** Reads what units write down about containers' runs: it outlives reboots, systemd's memory doesn't. */
export interface RunReader {
  read(uid: string): Promise<{ readonly [container: string]: RunRecord }>;
  /** Whether the pod was stopped because its active deadline was over. */
  isOverdue(uid: string): Promise<boolean>;
}

/** What the host says about one container of a pod. */
export interface ContainerObservation {
  /** Undefined when systemd knows no such unit. */
  readonly unit: UnitState | undefined;
  /** Undefined when podman has no such container now: those that ended are removed. */
  readonly container: ContainerFacts | undefined;
  readonly probe: ProbeResult | undefined;
  readonly waiting: WaitingReason | undefined;
  /** How it ended last. */
  readonly end?: RunEnd;
  /** Restarts that systemd has forgotten, as all containers were started again. */
  readonly restarts?: number;
  /** Id of the container that was started last, when that is known though it is gone. */
  readonly lastId?: string;
}

/** Everything that a pod's status is made of. */
export interface PodObservation {
  readonly gate: UnitState | undefined;
  /** The infra container's unit. */
  readonly infra: UnitState | undefined;
  readonly containers: { readonly [name: string]: ContainerObservation };
  /** `repo@digest` by image id. */
  readonly imageNames: { readonly [imageId: string]: string };
  /** The preferred one first. */
  readonly hostIps: readonly string[];
  /** Its active deadline is over: it was told to stop, and won't start again. */
  readonly isOverdue?: boolean;
  /** It is being evicted, and why. */
  readonly eviction?: Eviction | undefined;
}
