/** The three probes of Kubernetes. */
export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** How a probe finds out. Addresses and ports are numbers by now: nothing is resolved while probing. */
export type ProbeAction =
  | {
      readonly type: 'http';
      readonly scheme: 'HTTP' | 'HTTPS';
      readonly host: string;
      readonly port: number;
      readonly path: string;
      readonly headers: readonly { readonly name: string; readonly value: string }[];
    }
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | { readonly type: 'exec'; readonly command: readonly string[] };

/** One probe with its numbers, defaults filled in. */
export interface Probe {
  readonly action: ProbeAction;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  /** How long the container may take to stop when this probe kills it. */
  readonly terminationGracePeriodSeconds: number;
}

/** The probes of one container. */
export interface ContainerProbes {
  readonly name: string;
  /** Its systemd service. */
  readonly service: string;
  readonly podmanName: string;
  readonly startup?: Probe;
  readonly liveness?: Probe;
  readonly readiness?: Probe;
}

/** `/var/lib/quadshift/pods/<uid>/probes.json`. */
export interface PodProbes {
  readonly uid: string;
  readonly containers: readonly ContainerProbes[];
}

/** Startup first: until it succeeds the others wait. */
export const PROBE_KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];
