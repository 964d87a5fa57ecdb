import { connect, type Socket } from 'node:net';
import { beginPatience } from './patience.ts';

/** Where to. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  /** TLS, of which no certificate is verified. */
  readonly isTls?: boolean;
}

/** One question and its answer. */
export interface Exchange<T> {
  /** What is sent once the connection is there. */
  readonly request: Buffer;
  /** Looks at all that has come so far, which is only valid during the call; a value ends the exchange. */
  read(received: Buffer): T | undefined;
}

/** What became of it. An end without an error is the peer's. */
export type Outcome<T> =
  | { readonly value: T }
  | {
      readonly value?: undefined;
      readonly isConnected: boolean;
      readonly isTimeout: boolean;
      readonly error?: NodeJS.ErrnoException;
    };

/** Of an answer: enough for any head that ends. */
const MAX_RECEIVED = 64 * 1024;

/** Chunks are looked at before the next one is read: one buffer does for all connections. */
const incoming = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * Asks over a connection of its own and closes it. Written for hundreds of probes a second: no signals, streams' iterators
 * or buffers per connection, each of which costs as much as the connection itself.
 */
export async function exchange<T>(peer: Peer, ms: number, what: Exchange<T>): Promise<Outcome<T>> {
  if (!peer.isTls) return converse(what, ms, { connected: 'connect', open: (take) => openPlain(peer, take) });
  const { connect: connectTls } = await import('node:tls');
  const { host, port } = peer;
  const open = (take: Take): Socket => connectTls({ host, port, rejectUnauthorized: false }).on('data', take);
  return converse(what, ms, { connected: 'secureConnect', open });
}

/** Gets what has come. */
type Take = (chunk: Buffer) => void;

interface Line {
  /** The event that says that one may speak. */
  readonly connected: 'connect' | 'secureConnect';
  open(take: Take): Socket;
}

function converse<T>({ request, read }: Exchange<T>, ms: number, { connected, open }: Line): Promise<Outcome<T>> {
  const { promise, resolve } = Promise.withResolvers<Outcome<T>>();
  let isConnected = false;
  let before: Buffer | undefined;
  const end = (outcome: Outcome<T>): void => {
    stopWaiting();
    socket.destroy();
    resolve(outcome);
  };
  const take = (chunk: Buffer): void => {
    const received = before === undefined ? chunk : Buffer.concat([before, chunk]);
    const value = read(received);
    if (value !== undefined) end({ value });
    else if (received.length > MAX_RECEIVED) end({ isConnected, isTimeout: false });
    else before = Buffer.from(received);
  };
  const socket = open(take);
  const stopWaiting = beginPatience(ms, () => end({ isConnected, isTimeout: true }));
  socket.once(connected, () => {
    isConnected = true;
    socket.write(request);
  });
  // Also what goes wrong after the answer.
  socket.on('error', (error) => end({ isConnected, isTimeout: false, error }));
  socket.once('close', () => end({ isConnected, isTimeout: false }));
  return promise;
}

function openPlain({ host, port }: Peer, take: Take): Socket {
  const callback = (size: number, buffer: Uint8Array): boolean => {
    take(Buffer.from(buffer.buffer, buffer.byteOffset, size));
    return true;
  };
  return connect({ host, port, onread: { buffer: incoming, callback } });
}
