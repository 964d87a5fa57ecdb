import type { Duplex } from 'node:stream';
import { createWebSocketStream } from 'ws';
import type { UpgradeConnection } from '../call.ts';
import { type SpdyStream, serveSpdy } from '../spdy/session.ts';
import { acceptWebSocket } from './accept-websocket.ts';

/** How the pod's ports are reached. */
export type Dial = (port: number) => Promise<Duplex>;

/** The protocol that kubectl tunnels through a WebSocket. */
export const TUNNEL = 'SPDY/3.1+portforward.k8s.io';

/** Serves port-forward in SPDY inside a WebSocket until it closes. */
export function acceptTunnelledPortForward(connection: UpgradeConnection, dial: Dial): void {
  acceptWebSocket(connection, TUNNEL, (webSocket) => {
    const transport = createWebSocketStream(webSocket);
    transport.on('error', () => transport.destroy());
    void servePortForward(transport, dial);
  });
}

/** A forwarded connection: one stream for its data, one for what went wrong. */
interface Pair {
  readonly error?: SpdyStream;
  readonly data?: SpdyStream;
}

/** Serves port-forward on a SPDY connection: the client opens a pair of streams, one request id, per connection. */
export function servePortForward(transport: Duplex, dial: Dial): Promise<void> {
  const waiting = new Map<string, Pair>();
  return serveSpdy(transport, (stream) => {
    const { streamtype, requestid = stream.headers['port'] ?? '' } = stream.headers;
    if (streamtype !== 'error' && streamtype !== 'data') {
      stream.destroy();
      return;
    }
    const pair: Pair = { ...waiting.get(requestid), [streamtype]: stream };
    waiting.set(requestid, pair);
    stream.once('close', () => waiting.delete(requestid));
    if (pair.error === undefined || pair.data === undefined) return;
    waiting.delete(requestid);
    void forward({ error: pair.error, data: pair.data }, dial);
  });
}

async function forward({ error, data }: Required<Pair>, dial: Dial): Promise<void> {
  error.resume();
  const port = Number(data.headers['port']);
  try {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`unable to parse port ${port}`);
    join(data, await dial(port), error);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    error.end(`error forwarding port ${port}: ${reason}`);
    data.end();
    data.resume();
  }
}

/** Copies in both directions; the error stream ends, empty, with the connection. */
function join(data: SpdyStream, target: Duplex, error: SpdyStream): void {
  target.on('error', (cause) => {
    if (!error.writableEnded) error.end(`error forwarding port: ${cause.message}`);
    data.destroy();
  });
  target.once('close', () => {
    if (!error.writableEnded) error.end();
    if (!data.writableEnded) data.end();
    data.resume();
  });
  data.once('close', () => {
    if (!data.readableEnded) target.destroy();
  });
  data.pipe(target);
  target.pipe(data);
}
