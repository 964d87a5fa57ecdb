import { type WebSocket, WebSocketServer } from 'ws';
import type { UpgradeConnection } from '../call.ts';

/** Largest message that a client may send. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/**
 * Completes a WebSocket handshake with the given subprotocol. The library refuses names with a slash in them, so
 * the header is taken off the request and put on the response by hand.
 */
export function acceptWebSocket(
  connection: UpgradeConnection,
  protocol: string,
  onOpen: (socket: WebSocket) => void,
): void {
  const { request, socket, head, id } = connection;
  delete request.headers['sec-websocket-protocol'];
  const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: MAX_MESSAGE_BYTES });
  server.on('headers', (headers) => {
    headers.push(`Audit-Id: ${id}`);
    if (protocol !== '') headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
  });
  server.on('wsClientError', () => socket.destroy());
  server.handleUpgrade(request, socket, head, (webSocket) => {
    // Errors end the connection; whoever uses it hears of `close`.
    webSocket.on('error', () => webSocket.terminate());
    onOpen(webSocket);
  });
}

/** Sends one message on a channel; resolves when it has left the process. Never rejects. */
export function sendOnChannel(webSocket: WebSocket, channel: number, data: Uint8Array): Promise<void> {
  const message = Buffer.allocUnsafe(data.length + 1);
  message[0] = channel;
  message.set(data, 1);
  return new Promise((resolve) => webSocket.send(message, { binary: true }, () => resolve()));
}
