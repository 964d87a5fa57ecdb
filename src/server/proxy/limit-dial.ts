import type { EventEmitter } from 'node:events';

/** Upstream's patience with a connection that doesn't come about, in milliseconds; the kernel's is two minutes and more. */
const DIAL_MS = 30_000;

/** What a request is here: it tells of its socket, and can be given up. */
interface Dialling extends EventEmitter {
  destroy(error: Error): unknown;
}

/** Gives a request up, in Go's words, when its connection takes too long. */
export function limitDial(request: Dialling, address: string): void {
  request.once('socket', (socket: EventEmitter & { readonly connecting: boolean }) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => request.destroy(new Error(`dial tcp ${address}: i/o timeout`)), DIAL_MS);
    const stop = (): void => clearTimeout(timer);
    socket.once('connect', stop);
    socket.once('close', stop);
  });
}
