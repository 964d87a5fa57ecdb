import type { Duplex } from 'node:stream';
import type { UpgradeConnection } from '../call.ts';
import { acceptWebSocket } from './accept-websocket.ts';

/** A port-forward's connection and how the pod's ports are reached. */
export interface PortForwardConnection {
  readonly connection: UpgradeConnection;
  readonly protocol: string;
  readonly dial: (port: number) => Promise<Duplex>;
}

/** Serves SPDY inside the WebSocket until it closes. */
export function acceptPortForward({ connection, protocol }: PortForwardConnection): void {
  acceptWebSocket(connection, protocol, (webSocket) => webSocket.close(1011, 'not yet'));
}
