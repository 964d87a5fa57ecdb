/** How a probe finds out. Ports are numbers and hosts addresses by now: nothing is resolved while probing. */
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
  | { readonly type: 'exec'; readonly command: readonly string[] }
  /** `grpc.health.v1.Health/Check`; the service may be ''. */
  | { readonly type: 'grpc'; readonly host: string; readonly port: number; readonly service: string };

/** What a lifecycle hook does; `invalid` fails. */
export type HookAction =
  | Extract<ProbeAction, { readonly type: 'http' | 'exec' }>
  | { readonly type: 'sleep'; readonly seconds: number }
  | { readonly type: 'invalid' };

/** One probe with its numbers, defaults filled in. */
export interface CompiledProbe {
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
  readonly podmanName: string;
  /** Its systemd service. */
  readonly unit: string;
  readonly liveness?: CompiledProbe;
  readonly readiness?: CompiledProbe;
  readonly startup?: CompiledProbe;
  /** Runs before the container is stopped for a probe's sake, within its grace period. */
  readonly preStop?: HookAction;
  readonly terminationGracePeriodSeconds: number;
}

/** `pods/<uid>/probes.json` below the state folder: what the prober runs without the API server. */
export interface PodProbes {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly podIP: string;
  readonly containers: readonly ContainerProbes[];
}
