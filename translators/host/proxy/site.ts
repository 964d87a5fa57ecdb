import type { HaproxyLine } from '../../formats/haproxy.ts';

/** A place where requests may be answered. */
export interface ProxyServer {
  /** Service that it belongs to. */
  readonly service: string;
  readonly address: string;
  readonly port: number;
  /** 0 to 256. */
  readonly weight: number;
  /** It speaks HTTP/2 without encryption. */
  readonly h2c: boolean;
}

/** How the router speaks to servers that want TLS. */
export interface ServerTls {
  /** PEM of who must have signed their certificate; undefined means our own authority. */
  readonly authority: string | undefined;
  /** The name that their certificate must have; any when undefined. */
  readonly name: string | undefined;
}

/** The cookie that keeps a client with one server. */
export interface ProxyCookie {
  readonly name: string;
  /** Only to be sent with TLS. */
  readonly secure: boolean;
  readonly sameSite: string | undefined;
}

/** Servers and how they are used. */
export interface ProxyBackend {
  /** Unique, of the characters that HAProxy takes in names, with a `_` in it. */
  readonly id: string;
  readonly mode: 'http' | 'tcp';
  /** Lines between mode and servers. */
  readonly lines: readonly HaproxyLine[];
  /** Keeps a client with one server; undefined for none. */
  readonly cookie: ProxyCookie | undefined;
  /** Most connections to one server at a time. */
  readonly serverConnections: number | undefined;
  readonly tls: ServerTls | undefined;
  readonly servers: readonly ProxyServer[];
}

/** Which requests go to a backend. */
export interface ProxyRule {
  /** Lower case; `*.example.com` is one label more, `*` is every host. */
  readonly host: string;
  readonly path: string;
  /** Prefixes are whole elements of the path. */
  readonly match: 'exact' | 'prefix';
  /** What becomes of requests without TLS. */
  readonly insecure: 'allow' | 'redirect' | 'none';
  /** Who ends TLS; `none` when the rule is not for port 443. */
  readonly secure: 'router' | 'server' | 'none';
  readonly backend: string;
}

/** A certificate with its key, for some names. */
export interface ProxyCertificate {
  readonly hosts: readonly string[];
  /** Chain and key. */
  readonly pem: string;
}

/** All that one object asks of the router. */
export interface ProxySite {
  /** `Route shop/web` */
  readonly owner: string;
  readonly rules: readonly ProxyRule[];
  readonly backends: readonly ProxyBackend[];
  readonly certificates: readonly ProxyCertificate[];
}

/** A name of HAProxy's out of names of Kubernetes, which have no `_`. */
export function backendId(...parts: readonly string[]): string {
  const safe = (part: string): string => part.replace(/[^A-Za-z0-9.-]/g, (c) => `:${c.codePointAt(0)?.toString(16)}`);
  return parts.map(safe).join('_');
}
