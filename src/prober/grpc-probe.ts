import { type Exchange, exchange } from './exchange.ts';
import { endsStream, FRAME, healthRequest, servingStatus, takeFrames } from './grpc-frames.ts';
import type { ProbeOutcome } from './probe-state.ts';

/** Where to ask, and about what. */
export interface GrpcTarget {
  readonly host: string;
  readonly port: number;
  readonly service: string;
}

/** How the kubelet calls itself to gRPC servers. */
const USER_AGENT = 'kube-probe/1.36 grpc-go/1.78.0';
const SERVING = 1;
const STATUSES: readonly string[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** A gRPC probe: the health service answers SERVING. No TLS, as upstream. */
export async function probeGrpc(target: GrpcTarget, ms: number): Promise<ProbeOutcome> {
  const outcome = await exchange(target, ms, healthCheck(target));
  if (outcome.value !== undefined) return verdict(outcome.value.status);
  const { isConnected, isTimeout, error } = outcome;
  const seconds = Math.ceil(ms / 1_000);
  if (isTimeout && isConnected) return failure(`timeout: health rpc did not complete within ${seconds}s`);
  // Upstream goes on trying to connect until time is up.
  const reason = `failed to connect service "${addressOf(target)}" within ${seconds}s: context deadline exceeded`;
  if (!isConnected) return failure(`timeout: ${reason}`);
  return failure(`error: health rpc probe failed: ${error?.message ?? NO_ANSWER}`);
}

function addressOf({ host, port }: GrpcTarget): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const NO_ANSWER = 'the server did not answer with a status';

const failure = (message: string): ProbeOutcome => ({ result: 'failure', message });

function verdict(status: number | undefined): ProbeOutcome {
  if (status === SERVING) return { result: 'success', message: 'service healthy' };
  if (status === undefined) return failure(`error: health rpc probe failed: ${NO_ANSWER}`);
  return failure(`service unhealthy (responded with "${STATUSES[status] ?? status}")`);
}

/** What a stream came to: a status, or none. */
interface Answer {
  readonly status: number | undefined;
}

/** A target is asked with the same bytes each time. */
const healthChecks = new WeakMap<GrpcTarget, Exchange<Answer>>();

function healthCheck(target: GrpcTarget): Exchange<Answer> {
  const known = healthChecks.get(target);
  if (known !== undefined) return known;
  const made = { request: healthRequest(addressOf(target), target.service, USER_AGENT), read };
  healthChecks.set(target, made);
  return made;
}

/** The status as soon as it is there; none when the stream has ended without one. */
function read(received: Buffer): Answer | undefined {
  let body = Buffer.alloc(0);
  for (const frame of takeFrames(received).frames) {
    if (frame.type === FRAME.data) body = Buffer.concat([body, frame.payload]);
    const status = servingStatus(body);
    if (status !== undefined || endsStream(frame) || frame.type === FRAME.goAway) return { status };
  }
  return undefined;
}
