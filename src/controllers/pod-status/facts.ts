import type { UnitState } from '../../../systemd/service-manager.ts';
import type { ContainerFacts } from '../../host/podman.ts';

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

/** Reads what the prober writes down. */
export interface ProbeReader {
  /** Undefined when nothing was probed. */
  read(uid: string): Promise<PodProbeResults | undefined>;
  /** Calls `listener` with the uid of a pod whose results changed; `incident` when something failed. Until aborted. */
  watch(listener: (uid: string, incident?: ProbeIncident) => void, options: { readonly signal: AbortSignal }): void;
}

/** Why a container isn't created yet. */
export interface WaitingReason {
  readonly reason: string;
  readonly message?: string;
}

/** How a container ended for good, as its unit wrote it down. */
export interface Completion {
  readonly exitCode: number;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
}

/** Reads what units write down when a container ends for good: it outlives reboots, systemd's memory doesn't. */
export interface CompletionReader {
  read(uid: string): Promise<{ readonly [container: string]: Completion }>;
}

/** What the host says about one container of a pod. */
export interface ContainerObservation {
  /** Undefined when systemd knows no such unit. */
  readonly unit: UnitState | undefined;
  /** Undefined when podman has no such container now: those that ended are removed. */
  readonly container: ContainerFacts | undefined;
  readonly probe: ProbeResult | undefined;
  readonly waiting: WaitingReason | undefined;
  readonly completion?: Completion;
}

/** Everything that a pod's status is made of. */
export interface PodObservation {
  readonly gate: UnitState | undefined;
  /** The infra container's unit. */
  readonly infra: UnitState | undefined;
  readonly containers: { readonly [name: string]: ContainerObservation };
  /** `repo@digest` by image id. */
  readonly imageNames: { readonly [imageId: string]: string };
  readonly hostIp: string;
}
