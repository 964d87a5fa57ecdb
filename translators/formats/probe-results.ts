/**
 * What the prober found out about a pod, `/run/quadshift/probes/<uid>.json`. Written by temporary file and rename,
 * and only when something changed; gone after a reboot, as is what it tells about.
 */
export interface ProbeResults {
  readonly uid: string;
  readonly containers: { readonly [name: string]: ContainerProbeResults };
}

/** Results of one container's probes since it started last. */
export interface ContainerProbeResults {
  /** Which run they are about: the invocation id of the container's unit; '' when it doesn't run. */
  readonly run: string;
  /** Its startup probe has succeeded, or it has none. */
  readonly started: boolean;
  /** Its readiness probe succeeds (or it has none), and it runs and is started. */
  readonly ready: boolean;
  /** What the last probe that failed said; '' when none did. */
  readonly lastMessage: string;
  /** What is worth an Event, oldest first; the last few. */
  readonly incidents: readonly ProbeIncidentRecord[];
}

/** A probe failed, or the container is restarted because of one. */
export interface ProbeIncidentRecord {
  /** Rises by one with each incident of the container, also over restarts. */
  readonly sequence: number;
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Unhealthy' | 'Killing' | 'ProbeWarning';
  /** `Liveness probe failed: HTTP probe failed with statuscode: 500` */
  readonly message: string;
}
