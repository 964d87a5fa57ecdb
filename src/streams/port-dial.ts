import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Pod } from '../kinds/types.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** Connects to a port of a pod by its address, or of the host for pods on the host's network. Rejects in words. */
export async function dialPod(pod: Pod, port: number): Promise<Socket> {
  const host = pod.spec?.hostNetwork ? '127.0.0.1' : pod.status?.podIP;
  if (host === undefined || host === '') throw new Error(`pod ${pod.metadata?.name} has no address yet`);
  // Either side may finish sending first.
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
    return socket;
  } catch (cause) {
    socket.destroy();
    throw new Error(`failed to connect to ${host}:${port} of pod ${pod.metadata?.name}`, { cause });
  }
}
