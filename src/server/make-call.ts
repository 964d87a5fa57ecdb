import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ANONYMOUS, type Credentials } from '../auth/authenticate.ts';
import type { Call } from './call.ts';
import { parseRequestInfo } from './request-info.ts';

/** What came over the wire. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
  readonly wantsUpgrade: boolean;
}

/** Names the request, for logs and for the client. */
export function newRequestId(): string {
  return randomUUID();
}

/** Makes the call that the chain works on. Throws 400 for a path that can't be read. */
export function makeCall(raw: RawRequest, id: string): Call {
  const { path, query } = splitUrl(raw.url);
  const { method, headers, body, credentials, signal, wantsUpgrade } = raw;
  const info = parseRequestInfo(method, path, query);
  return { id, method, path, query, headers, body, credentials, info, signal, wantsUpgrade, user: ANONYMOUS };
}

/** Path and query of a request's target; an absolute one (as proxies send it) loses its origin. */
export function splitUrl(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const relative = url.replace(/^https?:\/\/[^/?]*/i, '');
  const at = relative.indexOf('?');
  const path = at < 0 ? relative : relative.slice(0, at);
  return { path: path === '' ? '/' : path, query: new URLSearchParams(at < 0 ? '' : relative.slice(at + 1)) };
}
