import { connect } from 'node:net';
import { beginPatience } from './patience.ts';
import type { ProbeOutcome } from './probe-state.ts';

/** A TCP probe: the port takes a connection within so many milliseconds. */
export async function probeTcp(
  { host, port }: { readonly host: string; readonly port: number },
  ms: number,
): Promise<ProbeOutcome> {
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  const socket = connect({ host, port });
  const failure = (reason: string): void =>
    resolve({ result: 'failure', message: `dial tcp ${host}:${port}: ${reason}` });
  const stopWaiting = beginPatience(ms, () => failure('i/o timeout'));
  socket.once('connect', () => resolve({ result: 'success', message: '' }));
  socket.on('error', (error: NodeJS.ErrnoException) => failure(`connect: ${WORDS[error.code ?? ''] ?? error.message}`));
  const outcome = await promise;
  stopWaiting();
  socket.destroy();
  return outcome;
}

const WORDS: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
};
