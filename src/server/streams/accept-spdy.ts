import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { UpgradeConnection } from '../call.ts';

/** Whether a request asks for plain SPDY/3.1, as clients before WebSockets do. */
export function isSpdy(headers: IncomingHttpHeaders): boolean {
  return headers.upgrade?.toLowerCase() === 'spdy/3.1';
}

/** Switches the connection to SPDY/3.1 and names the streams' protocol that was chosen; the connection is returned. */
export function acceptSpdy({ socket, head, id }: UpgradeConnection, protocol: string): Duplex {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    ...(protocol === '' ? [] : [`X-Stream-Protocol-Version: ${protocol}`]),
    `Audit-Id: ${id}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  return socket;
}
