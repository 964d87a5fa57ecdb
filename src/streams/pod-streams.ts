import type { ProcessSession } from '../host/podman.ts';
import type { Pod } from '../kinds/types.ts';

/** Query of `pods/log`, `v1.PodLogOptions`. */
export interface LogOptions {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** `All`, `Stdout` or `Stderr`. */
  readonly stream?: string;
}

/** Query of `pods/exec` and `pods/attach`. */
export interface ExecRequest {
  readonly container?: string;
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/**
 * What the kubelet's own API offers for a pod on this host. Rejects with `StatusError` carrying upstream's
 * sentences (`container x is not valid for pod y`, `… is waiting to start: ContainerCreating`).
 */
export interface PodStreams {
  logs(pod: Pod, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
  exec(pod: Pod, request: ExecRequest): Promise<ProcessSession>;
  attach(pod: Pod, request: ExecRequest): Promise<ProcessSession>;
  /** A TCP connection to a port of the pod. */
  portForward(pod: Pod, port: number): Promise<import('node:stream').Duplex>;
}
