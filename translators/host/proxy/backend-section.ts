import type { HaproxyLine, HaproxySection } from '../../formats/haproxy.ts';
import type { ProxyBackend, ProxyServer } from './site.ts';

/** What a backend needs from around it. */
export interface BackendContext {
  readonly digest: (text: string) => string;
  /** Puts a PEM of authorities into a file, our own when undefined; its name. */
  readonly authorityFile: (pem: string | undefined) => string;
}

/** A `backend` section. Without servers it answers 503. */
export function backendSection(backend: ProxyBackend, context: BackendContext): HaproxySection {
  const { id, mode, lines, servers } = backend;
  const tls = tlsWords(backend, context);
  return {
    head: ['backend', id],
    lines: [
      ['mode', mode],
      ...lines,
      ...cookieLines(backend),
      ...servers.map((server) => serverLine(server, backend, [...tls], context)),
    ],
  };
}

function cookieLines({ cookie }: ProxyBackend): readonly HaproxyLine[] {
  if (cookie === undefined) return [];
  const { name, secure, sameSite } = cookie;
  return [
    [
      ...['cookie', name, 'insert', 'indirect', 'nocache', 'httponly'],
      ...(secure ? ['secure'] : []),
      ...(sameSite === undefined ? [] : ['attr', `SameSite=${sameSite}`]),
    ],
  ];
}

function tlsWords({ tls, mode }: ProxyBackend, { authorityFile }: BackendContext): HaproxyLine {
  if (tls === undefined || mode === 'tcp') return [];
  const verify = ['ssl', 'verify', 'required', 'ca-file', authorityFile(tls.authority)];
  return [...verify, ...(tls.name === undefined ? [] : ['verifyhost', tls.name]), 'alpn', 'h2,http/1.1'];
}

function serverLine(
  server: ProxyServer,
  backend: ProxyBackend,
  tls: HaproxyLine,
  { digest }: BackendContext,
): HaproxyLine {
  const { service, address, port, weight, h2c } = server;
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const name = `${service}:${address}:${port}`.replace(/[^\w.:-]/g, '_');
  const { cookie, serverConnections, mode } = backend;
  return [
    ...['server', name, place, 'weight', `${weight}`],
    ...(cookie === undefined ? [] : ['cookie', digest(`${service} ${place}`)]),
    ...(serverConnections === undefined ? [] : ['maxconn', `${serverConnections}`]),
    ...(h2c && mode === 'http' && tls.length === 0 ? ['proto', 'h2'] : []),
    ...tls,
  ];
}
