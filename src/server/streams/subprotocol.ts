import type { IncomingHttpHeaders } from 'node:http';
import { badRequest } from '../../machinery/status-error.ts';

/**
 * Kubernetes' protocols for several streams over one WebSocket: the first byte of a message is the channel.
 * v4 reports the end as a Status, v5 can close stdin as well; the oldest reports it as text.
 */
export type Subprotocol = 'v5.channel.k8s.io' | 'v4.channel.k8s.io' | 'channel.k8s.io' | '';

const SUPPORTED: readonly Subprotocol[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'channel.k8s.io'];

/** The first offered protocol that we speak. Throws 400 when the request isn't a WebSocket's or offers none of ours. */
export function chooseProtocol(headers: IncomingHttpHeaders): Subprotocol {
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    throw badRequest(`unable to upgrade: unknown protocol ${JSON.stringify(headers.upgrade ?? '')}`);
  }
  return firstOffered(String(headers['sec-websocket-protocol'] ?? ''), SUPPORTED);
}

const SPDY_SUPPORTED = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'] as const;

/** The same for plain SPDY/3.1, which names its streams' protocol in a header of its own. */
export function chooseSpdyProtocol(headers: IncomingHttpHeaders): string {
  return firstOffered(String(headers['x-stream-protocol-version'] ?? ''), SPDY_SUPPORTED);
}

function firstOffered<T extends string>(header: string, supported: readonly T[]): T | '' {
  if (header === '') return '';
  const offered = header.split(/\s*,\s*/);
  const chosen = offered.map((name) => supported.find((known) => known === name)).find((known) => known !== undefined);
  if (chosen !== undefined) return chosen;
  throw badRequest(`unable to upgrade: none of the requested protocols is supported: [${offered.join(' ')}]`);
}
