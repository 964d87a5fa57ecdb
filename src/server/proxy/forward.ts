import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { deflateRaw, gunzip, gzip, inflateRaw } from 'node:zlib';
import { serviceUnavailable } from '../../machinery/status-error.ts';
import type { Answer, Call } from '../call.ts';
import type { ProxyLocation } from '../services.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { limitDial } from './limit-dial.ts';
import { type PageOrigin, rewriteLink, rewriteLinks } from './rewrite-links.ts';

/** Where a request goes on to: the other side's path is behind our own prefix. */
export interface ProxyRequest {
  readonly location: ProxyLocation;
  readonly prefix: string;
  readonly path: string;
  /** More headers for the other side. */
  readonly headers?: { readonly [name: string]: string | string[] };
}

/** Largest page whose links are rewritten; a larger one comes as it is. */
const PAGE_LIMIT = 8 * 1024 * 1024;
/** How a page may be packed, and how it is read and written again. */
const CODINGS: { readonly [coding: string]: readonly [unpack: Coding, pack: Coding] } = {
  '': [async (bytes) => bytes, async (bytes) => bytes],
  gzip: [promisify<Buffer, Buffer>(gunzip), promisify<Buffer, Buffer>(gzip)],
  deflate: [promisify<Buffer, Buffer>(inflateRaw), promisify<Buffer, Buffer>(deflateRaw)],
};
/** Pods bring certificates of their own making; upstream doesn't check them either. */
export const UNCHECKED = { rejectUnauthorized: false } as const;
type Coding = (bytes: Buffer) => Promise<Buffer>;

/** Sends the call on and answers with what comes back: streamed, but for pages, whose links are rewritten. */
export async function forwardRequest(request: ProxyRequest, call: Call): Promise<Answer> {
  const response = await send(request, call);
  const headers = responseHeaders(response.headers);
  const origin = originOf(request, call);
  const { location } = response.headers;
  if (location !== undefined) headers['location'] = rewriteLink(location, origin);
  const status = response.statusCode ?? 502;
  const coding = response.headers['content-encoding'] ?? '';
  const contentType = response.headers['content-type'] ?? '';
  const answer = { kind: 'stream', status, contentType } as const;
  const isPage = location === undefined && contentType.split(';')[0]?.trim() === 'text/html';
  const length = Number(response.headers['content-length'] ?? 0);
  const codec = Object.hasOwn(CODINGS, coding) ? CODINGS[coding] : undefined;
  if (!isPage || codec === undefined || call.method === 'HEAD' || length > PAGE_LIMIT) {
    return { ...answer, headers, chunks: response };
  }
  const [unpack, pack] = codec;
  const page = rewriteLinks((await unpack(await buffer(response))).toString(), origin);
  const body = await pack(Buffer.from(page));
  return { ...answer, headers: { ...headers, 'content-length': String(body.length) }, chunks: once1(body) };
}

async function* once1(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Rejects with 503 when nobody answers. */
async function send({ location, prefix, path, headers }: ProxyRequest, call: Call): Promise<IncomingMessage> {
  const { scheme, host, port, tls = UNCHECKED } = location;
  const search = call.query.size === 0 ? '' : `?${call.query}`;
  const request = (scheme === 'https' ? https : http).request({
    host,
    port,
    method: call.method,
    path: `${path || '/'}${search}`,
    headers: { ...requestHeaders(call.headers, `${prefix}${path}`), ...headers },
    signal: call.signal,
    ...(scheme === 'https' ? tls : {}),
  });
  limitDial(request, `${host}:${port}`);
  request.end(call.body.length === 0 ? undefined : call.body);
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  } catch (error) {
    throw serviceUnavailable(`error trying to reach service: ${error instanceof Error ? error.message : error}`);
  }
}

function originOf({ location, prefix }: ProxyRequest, call: Call): PageOrigin {
  const authority = call.headers[':authority'];
  const asked = typeof authority === 'string' ? authority : (call.headers.host ?? '');
  const host = location.host.includes(':') ? `[${location.host}]` : location.host;
  const isDefault = location.port === (location.scheme === 'https' ? 443 : 80);
  return { prefix, hosts: [asked, `${host}:${location.port}`, ...(isDefault ? [host] : [])] };
}
