import type { HaproxyLine, HaproxySection } from '../../formats/haproxy.ts';
import type { ProxyRule } from './site.ts';

/** Names of map files; undefined where there is nothing to look up. */
export interface MapFiles {
  readonly http: PathMaps;
  readonly https: PathMaps;
  /** Hosts whose TLS their servers end. */
  readonly passthrough: string | undefined;
}

/** Host and path to backend. */
export interface PathMaps {
  readonly exact: string | undefined;
  readonly prefix: string | undefined;
}

/** What the frontends are made of. */
export interface FrontendOptions {
  readonly maps: MapFiles;
  /** Name of the crt-list. */
  readonly certificates: string;
  readonly runtime: string;
  readonly ipv6: boolean;
  readonly httpPort?: number;
  readonly httpsPort?: number;
}

/** What is looked up for a request: its host, the host with its first label a wildcard, every host. */
type HostClass = 'host' | 'wild' | 'any';

/**
 * The frontends. As long as no host passes TLS through, port 443 ends TLS directly; otherwise a frontend in front looks
 * at the name that the client wants and hands connections on.
 */
export function frontendSections(rules: readonly ProxyRule[], options: FrontendOptions): readonly HaproxySection[] {
  const { maps, httpPort = 80, httpsPort = 443, ipv6 } = options;
  const classes = classesOf(rules);
  const tls = ['ssl', 'crt-list', options.certificates, 'alpn', 'h2,http/1.1'];
  const inner = `unix@${options.runtime}/tls.sock`;
  const { passthrough } = maps;
  const binds =
    passthrough === undefined
      ? bindLines(httpsPort, ipv6, tls)
      : [['bind', inner, 'user', 'haproxy', 'mode', '600', 'accept-proxy', ...tls]];
  return [
    {
      head: ['frontend', 'http'],
      lines: [
        ...bindLines(httpPort, ipv6, []),
        ...lookupLines(maps.http, classes),
        [
          'http-request',
          'redirect',
          'scheme',
          'https',
          'code',
          '302',
          'if',
          '{',
          'var(txn.target)',
          '-m',
          'str',
          'redirect',
          '}',
        ],
        ...chooseLines('txn.target'),
      ],
    },
    ...(passthrough === undefined ? [] : sniSections(passthrough, { httpsPort, ipv6, inner })),
    {
      head: ['frontend', 'https'],
      lines: [
        ...binds,
        ...(passthrough === undefined ? [] : misdirectedLines(passthrough)),
        ...lookupLines(maps.https, classes),
        ...chooseLines('txn.target'),
      ],
    },
    { head: ['backend', 'nothing'], lines: [] },
  ];
}

function classesOf(rules: readonly ProxyRule[]): readonly HostClass[] {
  const wild: readonly HostClass[] = rules.some(({ host }) => host.startsWith('*.')) ? ['wild'] : [];
  return ['host', ...wild, ...(rules.some(({ host }) => host === '*') ? (['any'] as const) : [])];
}

function bindLines(port: number, ipv6: boolean, more: HaproxyLine): readonly HaproxyLine[] {
  // Two sockets: on one for both, addresses of IPv4 would look like IPv6.
  const other: readonly HaproxyLine[] = ipv6 ? [['bind', `[::]:${port}`, 'v6only', ...more]] : [];
  return [['bind', `0.0.0.0:${port}`, ...more], ...other];
}

const UNLESS_FOUND: HaproxyLine = ['if', '!{', 'var(txn.target)', '-m', 'found', '}'];
const WILD = 'regsub(^[^.]*,*)';

/** Leaves in `txn.target` what the longest path of the most particular host leads to. */
function lookupLines({ exact, prefix }: PathMaps, classes: readonly HostClass[]): readonly HaproxyLine[] {
  const lines: HaproxyLine[] = [
    ['http-request', 'del-header', 'Proxy'],
    ['http-request', 'set-var(txn.host)', 'req.hdr(host),host_only,lower,rtrim(.)'],
  ];
  const keys = { host: '%[var(txn.host)]%[path]', wild: `%[var(txn.host),${WILD}]%[path]`, any: '*%[path]' };
  for (const [i, hostClass] of classes.entries()) {
    const unless = i === 0 ? [] : UNLESS_FOUND;
    lines.push(['http-request', 'set-var-fmt(txn.key)', keys[hostClass], ...unless]);
    if (exact !== undefined)
      lines.push(['http-request', 'set-var(txn.target)', `var(txn.key),map_str(${exact})`, ...unless]);
    const stillUnless = exact === undefined ? unless : UNLESS_FOUND;
    if (prefix !== undefined) {
      lines.push(['http-request', 'set-var(txn.target)', `var(txn.key),concat(/),map_beg(${prefix})`, ...stillUnless]);
    }
  }
  return lines;
}

function chooseLines(variable: string): readonly HaproxyLine[] {
  return [
    ['use_backend', `%[var(${variable})]`, 'if', '{', `var(${variable})`, '-m', 'found', '}'],
    ['default_backend', 'nothing'],
  ];
}

/** A client may use a connection for another name that its certificate has; it shall open one for this. */
function misdirectedLines(map: string): readonly HaproxyLine[] {
  const host = 'req.hdr(host),host_only,lower,rtrim(.)';
  const answer = ['http-request', 'return', 'status', '421', 'if'];
  return [host, `${host},${WILD}`].map((key) => [...answer, '{', `${key},map_str(${map})`, '-m', 'found', '}']);
}

interface SniOptions {
  readonly httpsPort: number;
  readonly ipv6: boolean;
  readonly inner: string;
}

function sniSections(map: string, { httpsPort, ipv6, inner }: SniOptions): readonly HaproxySection[] {
  const choose = (key: string, more: HaproxyLine = []): HaproxyLine => [
    ...['tcp-request', 'content', 'set-var(sess.target)', `${key},map_str(${map})`],
    ...more,
  ];
  const name = 'req.ssl_sni,lower,rtrim(.)';
  return [
    {
      head: ['frontend', 'tls'],
      lines: [
        ['mode', 'tcp'],
        ...bindLines(httpsPort, ipv6, []),
        ['tcp-request', 'inspect-delay', '5s'],
        [
          'tcp-request',
          'content',
          'reject',
          'if',
          '{',
          'req.len',
          'gt',
          '0',
          '}',
          '!{',
          'req.ssl_hello_type',
          '1',
          '}',
          'WAIT_END',
        ],
        choose(name, ['if', '{', 'req.ssl_hello_type', '1', '}']),
        choose(`${name},${WILD}`, [
          'if',
          '{',
          'req.ssl_hello_type',
          '1',
          '}',
          '!{',
          'var(sess.target)',
          '-m',
          'found',
          '}',
        ]),
        ['tcp-request', 'content', 'accept', 'if', '{', 'req.ssl_hello_type', '1', '}'],
        ['use_backend', '%[var(sess.target)]', 'if', '{', 'var(sess.target)', '-m', 'found', '}'],
        ['default_backend', 'terminate'],
      ],
    },
    {
      head: ['backend', 'terminate'],
      lines: [
        ['mode', 'tcp'],
        ['server', 'tls', inner, 'send-proxy-v2'],
      ],
    },
  ];
}
