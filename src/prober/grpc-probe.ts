import { connect, type Socket } from 'node:net';
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
export async function probeGrpc(
  { host, port, service }: GrpcTarget,
  seconds: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const socket = connect({ host, port, signal, noDelay: true });
  let isConnected = false;
  socket.once('connect', () => {
    isConnected = true;
    socket.write(healthRequest(address, service, USER_AGENT));
  });
  try {
    const status = servingStatus(await readBody(socket));
    if (status === SERVING) return { result: 'success', message: 'service healthy' };
    if (status === undefined) return failure(`error: health rpc probe failed: ${NO_ANSWER}`);
    return failure(`service unhealthy (responded with "${STATUSES[status] ?? status}")`);
  } catch (error) {
    if (signal.aborted && isConnected) return failure(`timeout: health rpc did not complete within ${seconds}s`);
    // Upstream goes on trying to connect until time is up.
    const reason = `failed to connect service "${address}" within ${seconds}s: context deadline exceeded`;
    if (!isConnected) return failure(`timeout: ${reason}`);
    return failure(`error: health rpc probe failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    socket.destroy();
  }
}

const NO_ANSWER = 'the server did not answer with a status';

const failure = (message: string): ProbeOutcome => ({ result: 'failure', message });

/** The data of the stream until it ends, or the connection does. */
async function readBody(socket: Socket): Promise<Buffer> {
  let pending = Buffer.alloc(0);
  let body = Buffer.alloc(0);
  for await (const chunk of socket) {
    const { frames, rest } = takeFrames(Buffer.concat([pending, chunk]));
    pending = Buffer.from(rest);
    for (const frame of frames) {
      if (frame.type === FRAME.data) body = Buffer.concat([body, frame.payload]);
      if (servingStatus(body) !== undefined || endsStream(frame) || frame.type === FRAME.goAway) return body;
    }
  }
  return body;
}
