import type { IncomingHttpHeaders } from 'node:http';

/** Headers of one connection, which end there (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** What is between the client and us alone. */
const PRIVATE = /^(?:authorization$|impersonate-|x-remote-|:)/;
/** What only we may allow a browser. */
const CORS = /^access-control-allow-(?:credentials|headers|methods|origin)$/;

type Headers = Record<string, string | string[]>;

/** What goes on to the other side: without credentials, with the host that the client asked for. */
export function requestHeaders(headers: IncomingHttpHeaders, forwardedUri: string): Headers {
  const authority = headers[':authority'];
  const host = typeof authority === 'string' ? authority : (headers.host ?? '');
  const kept = entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !PRIVATE.test(name));
  return { ...Object.fromEntries(kept), host, 'x-forwarded-uri': forwardedUri };
}

/** What comes back to the client. */
export function responseHeaders(headers: IncomingHttpHeaders): Headers {
  return Object.fromEntries(entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !CORS.test(name)));
}

function entries(headers: IncomingHttpHeaders): readonly (readonly [string, string | string[]])[] {
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}
