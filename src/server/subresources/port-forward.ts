import type { Pod } from '../../kinds/types.ts';
import { badRequest } from '../../machinery/status-error.ts';
import type { Answer, Call } from '../call.ts';
import type { Services, Target } from '../services.ts';
import { acceptSpdy, isSpdy } from '../streams/accept-spdy.ts';
import { acceptTunnelledPortForward, type Dial, servePortForward, TUNNEL } from '../streams/port-forward-socket.ts';
import { admitConnection } from './connect.ts';

/** GET or POST of `portforward`: TCP connections to the pod's ports, as SPDY streams, plain or inside a WebSocket. */
export async function handlePortForward(services: Services, target: Target, call: Call): Promise<Answer> {
  const { registry, streams } = services;
  const pod = registry.get(target.kind, target.key).object as Pod;
  await admitConnection(services, target, call);
  if (!call.wantsUpgrade) throw badRequest('Upgrade request required');
  if (pod.status?.phase !== 'Running') {
    throw badRequest(
      `unable to forward port because pod is not running. Current status=${pod.status?.phase ?? 'Pending'}`,
    );
  }
  const dial: Dial = (port) => streams.portForward(pod, port);
  if (isSpdy(call.headers)) {
    return {
      kind: 'upgrade',
      accept: (connection) => void servePortForward(acceptSpdy(connection, 'portforward.k8s.io'), dial),
    };
  }
  const offered = String(call.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
  if (!offered.includes(TUNNEL)) throw badRequest(`the only WebSocket protocol for portforward is ${TUNNEL}`);
  return { kind: 'upgrade', accept: (connection) => acceptTunnelledPortForward(connection, dial) };
}
