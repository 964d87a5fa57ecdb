import type { IncomingHttpHeaders } from 'node:http';
import type { WebSocket } from 'ws';
import type { UpgradeConnection } from '../call.ts';
import { acceptWebSocket } from './accept-websocket.ts';

/** Protocols of one stream from the server: bytes, or their base64 as text. */
const PROTOCOLS = ['binary.k8s.io', 'base64.binary.k8s.io'] as const;

/** Whether a request asks to have the answer's bytes over a WebSocket. */
export function wantsWebSocket({ upgrade }: IncomingHttpHeaders): boolean {
  return upgrade?.toLowerCase() === 'websocket';
}

/** The first offered protocol that we speak; '' (bytes) when none is asked for. */
export function chooseReaderProtocol(headers: IncomingHttpHeaders): string {
  const offered = String(headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
  return offered.find((name) => PROTOCOLS.some((known) => known === name)) ?? '';
}

/** Sends what comes, a message per piece, as fast as the client takes it, and closes. */
export function acceptReader(connection: UpgradeConnection, protocol: string, chunks: AsyncIterable<Uint8Array>): void {
  acceptWebSocket(connection, protocol, (webSocket) => {
    void sendAll(webSocket, protocol === 'base64.binary.k8s.io', chunks);
  });
}

async function sendAll(webSocket: WebSocket, asText: boolean, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (webSocket.readyState !== webSocket.OPEN) break;
      await send(webSocket, asText ? Buffer.from(chunk).toString('base64') : chunk);
    }
    webSocket.close(1000);
  } catch {
    webSocket.close(1011);
  }
}

function send(webSocket: WebSocket, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => webSocket.send(data, { binary: typeof data !== 'string' }, () => resolve()));
}
