import type { Pod } from '../../kinds/types.ts';
import { badRequest } from '../../machinery/status-error.ts';
import type { Answer, Call } from '../call.ts';
import type { Services, Target } from '../services.ts';
import { acceptPortForward } from '../streams/port-forward-socket.ts';

/** The protocol that kubectl tunnels through a WebSocket. */
const TUNNEL = 'SPDY/3.1+portforward.k8s.io';

/** GET of `portforward`: TCP connections to the pod's ports, as SPDY streams inside one WebSocket. */
export function handlePortForward({ registry, streams }: Services, { kind, key }: Target, call: Call): Answer {
  const pod = registry.get(kind, key).object as Pod;
  const offered = String(call.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
  if (!call.wantsUpgrade || call.headers.upgrade?.toLowerCase() !== 'websocket') {
    throw badRequest('Upgrade request required');
  }
  if (!offered.includes(TUNNEL)) throw badRequest(`the only protocol for portforward is ${TUNNEL}`);
  return {
    kind: 'upgrade',
    accept: (connection) =>
      acceptPortForward({ connection, protocol: TUNNEL, dial: (port) => streams.portForward(pod, port) }),
  };
}
