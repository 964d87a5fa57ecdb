import { connect, type Socket } from 'node:net';

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
  readonly request: string | Buffer;
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
export async function exchange<T>(peer: Peer, ms: number, { request, read }: Exchange<T>): Promise<Outcome<T>> {
  const { promise, resolve } = Promise.withResolvers<Outcome<T>>();
  let isConnected = false;
  let before: Buffer | undefined;
  const take = (chunk: Buffer): void => {
    const received = before === undefined ? chunk : Buffer.concat([before, chunk]);
    const value = read(received);
    if (value !== undefined) resolve({ value });
    else if (received.length > MAX_RECEIVED) resolve({ isConnected, isTimeout: false });
    else before = Buffer.from(received);
  };
  const socket = await open(peer, take);
  const timer = setTimeout(() => resolve({ isConnected, isTimeout: true }), ms);
  socket.once(peer.isTls ? 'secureConnect' : 'connect', () => {
    isConnected = true;
    socket.write(request, 'latin1');
  });
  // Also what goes wrong after the answer.
  socket.on('error', (error) => resolve({ isConnected, isTimeout: false, error }));
  socket.once('close', () => resolve({ isConnected, isTimeout: false }));
  const outcome = await promise;
  clearTimeout(timer);
  socket.destroy();
  return outcome;
}

async function open({ host, port, isTls }: Peer, take: (chunk: Buffer) => void): Promise<Socket> {
  if (isTls) {
    const tls = await import('node:tls');
    return tls.connect({ host, port, rejectUnauthorized: false }).on('data', take);
  }
  const callback = (size: number, buffer: Uint8Array): boolean => {
    take(Buffer.from(buffer.buffer, buffer.byteOffset, size));
    return true;
  };
  return connect({ host, port, onread: { buffer: incoming, callback } });
}
