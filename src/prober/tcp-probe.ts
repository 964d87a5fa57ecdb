import { connect } from 'node:net';
import type { ProbeOutcome } from './probe-state.ts';

/** A TCP probe: the port takes a connection. */
export function probeTcp(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  const socket = connect({ host, port, signal });
  const failure = (reason: string): void =>
    resolve({ result: 'failure', message: `dial tcp ${host}:${port}: ${reason}` });
  socket.once('connect', () => resolve({ result: 'success', message: '' }));
  socket.once('error', (error: NodeJS.ErrnoException) => {
    if (signal.aborted) failure('i/o timeout');
    else failure(`connect: ${WORDS[error.code ?? ''] ?? error.message}`);
  });
  return promise.finally(() => socket.destroy());
}

const WORDS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
};
