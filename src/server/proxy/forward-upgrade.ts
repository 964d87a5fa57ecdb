import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Call, UpgradeConnection } from '../call.ts';
import type { ProxyLocation } from '../services.ts';
import { type ProxyRequest, UNCHECKED } from './forward.ts';
import { requestHeaders } from './headers.ts';

/** Hands a connection over to the other side, with the request that asks for another protocol; from then on bytes. */
export function forwardUpgrade(request: ProxyRequest, call: Call, { socket, head }: UpgradeConnection): void {
  const backend = dial(request.location);
  const end = (): void => {
    socket.destroy();
    backend.destroy();
  };
  backend.on('error', end);
  socket.on('error', end);
  socket.once('close', end);
  backend.once('close', end);
  backend.write(requestText(request, call));
  if (head.length > 0) backend.write(head);
  backend.pipe(socket);
  socket.pipe(backend);
}

function dial({ scheme, host, port, tls }: ProxyLocation): Socket {
  return scheme === 'https' ? connectTls({ host, port, ...(tls ?? UNCHECKED) }) : connect({ host, port });
}

function requestText({ prefix, path, headers: more }: ProxyRequest, call: Call): string {
  const search = call.query.size === 0 ? '' : `?${call.query}`;
  const headers = {
    ...requestHeaders(call.headers, `${prefix}${path}`),
    ...more,
    connection: 'Upgrade',
    upgrade: String(call.headers.upgrade ?? ''),
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
  return `${[`${call.method} ${path || '/'}${search} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}
