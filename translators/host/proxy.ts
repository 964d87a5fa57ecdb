import {
  certificateLine,
  type HaproxyLine,
  type HaproxySection,
  serializeHaproxy,
  serializeMap,
} from '../formats/haproxy.ts';
import { backendSection } from './proxy/backend-section.ts';
import { frontendSections, type MapFiles } from './proxy/frontends.ts';
import type { ProxyRule, ProxySite } from './proxy/site.ts';

/** A file of the router, in its folder. */
export interface ProxyFile {
  readonly name: string;
  readonly content: string;
}

/** All that the router reads. */
export interface ProxyFiles {
  /** `haproxy.cfg`; it names the others. */
  readonly config: string;
  /** Files whose names change with their content. */
  readonly files: readonly ProxyFile[];
  /** The configuration as a value, for whoever compares two. */
  readonly sections: readonly HaproxySection[];
}

/** What is the same for all sites. */
export interface ProxyOptions {
  /** Chain and key for every host that has none of its own. */
  readonly defaultCertificate: string;
  /** Whom to trust about servers when nothing else is said; PEM. */
  readonly authority: string;
  /** A short digest for names of files. Pure. */
  readonly digest: (text: string) => string;
  /** Folder of the router's own sockets. */
  readonly runtime: string;
  /** Whether the kernel has IPv6. */
  readonly ipv6: boolean;
  readonly httpPort?: number;
  readonly httpsPort?: number;
}

/** Headers whose case servers from before HTTP/2 may insist on. */
const CASED = ['Host', 'Connection', 'Content-Length', 'Content-Type', 'Transfer-Encoding', 'Cookie', 'Authorization'];
const CASED_MORE = ['Accept', 'Accept-Encoding', 'User-Agent', 'Upgrade', 'X-Forwarded-For', 'X-Forwarded-Proto'];

/**
 * The configuration of HAProxy that serves the sites; of rules that want the same requests the first site's counts.
 * Everything is named relative to the configuration. Follows HAProxy's configuration manual, 3.0.
 */
export function translateProxy(sites: readonly ProxySite[], options: ProxyOptions): ProxyFiles {
  const files = new Map<string, string>();
  const place = (stem: string, suffix: string, content: string): string => {
    const name = `${stem}-${options.digest(content)}.${suffix}`;
    files.set(name, content);
    return name;
  };
  const rules = sites.flatMap((site) => site.rules);
  const backends = sites.flatMap((site) => site.backends);
  const maps = placeMaps(rules, place);
  const certificates = placeCertificates(sites, options, place);
  const sections: HaproxySection[] = [
    { head: ['global'], lines: globalLines(backends.some(({ lines }) => lines.some(isCased))) },
    { head: ['defaults'], lines: DEFAULTS },
    ...frontendSections(rules, { ...options, maps, certificates }),
    ...backends.map((backend) =>
      backendSection(backend, {
        digest: options.digest,
        authorityFile: (pem) => place('authority', 'pem', pem ?? options.authority),
      }),
    ),
  ];
  return {
    config: `${ABOUT}\n${serializeHaproxy(sections)}`,
    files: [...files].map(([name, content]) => ({ name, content })),
    sections,
  };
}

const ABOUT = '# The Routes and Ingresses of this host, compiled by quadshift; quadshift-router.service runs it.';

type Place = (stem: string, suffix: string, content: string) => string;

function isCased(line: HaproxyLine): boolean {
  return line[1] === 'h1-case-adjust-bogus-server';
}

function globalLines(cased: boolean): readonly HaproxyLine[] {
  const names = cased ? [...CASED, ...CASED_MORE] : [];
  return [
    ['default-path', 'config'],
    ['user', 'haproxy'],
    ['group', 'haproxy'],
    ['log', 'stderr', 'format', 'short', 'daemon', 'notice'],
    // Enough for 25000 connections, without the memory that the machine's own limit would take.
    ['fd-hard-limit', '50000'],
    // A process of before a reload stays until its last connection ends, but not for ever.
    ['hard-stop-after', '1h'],
    ['ssl-default-bind-options', 'ssl-min-ver', 'TLSv1.2'],
    ...names.map((name) => ['h1-case-adjust', name.toLowerCase(), name]),
  ];
}

const DEFAULTS: readonly HaproxyLine[] = [
  ['mode', 'http'],
  ['option', 'redispatch'],
  ['option', 'http-ignore-probes'],
  ['timeout', 'connect', '5s'],
  ['timeout', 'client', '30s'],
  ['timeout', 'client-fin', '1s'],
  ['timeout', 'server', '30s'],
  ['timeout', 'server-fin', '1s'],
  ['timeout', 'http-request', '10s'],
  ['timeout', 'http-keep-alive', '300s'],
  ['timeout', 'tunnel', '1h'],
];

function placeMaps(rules: readonly ProxyRule[], place: Place): MapFiles {
  const map = (stem: string, chosen: readonly ProxyRule[], entry: (rule: ProxyRule) => readonly [string, string]) =>
    chosen.length === 0 ? undefined : place(stem, 'map', serializeMap(chosen.map(entry)));
  const pair = (stem: string, chosen: readonly ProxyRule[], value: (rule: ProxyRule) => string) => ({
    exact: map(
      `${stem}-exact`,
      chosen.filter(({ match }) => match === 'exact'),
      (rule) => [`${rule.host}${rule.path}`, value(rule)],
    ),
    prefix: map(
      `${stem}-prefix`,
      chosen.filter(({ match }) => match === 'prefix'),
      (rule) => [prefixKey(rule), value(rule)],
    ),
  });
  const plain = rules.filter(({ insecure }) => insecure !== 'none');
  const passed = rules.filter(({ secure }) => secure === 'server');
  return {
    http: pair('http', plain, ({ insecure, backend }) => (insecure === 'redirect' ? 'redirect' : backend)),
    https: pair(
      'https',
      rules.filter(({ secure }) => secure === 'router'),
      ({ backend }) => backend,
    ),
    passthrough: map('passthrough', passed, ({ host, backend }) => [host, backend]),
  };
}

/** Ends in a slash, so that `/shop` is no prefix of `/shopping`. */
function prefixKey({ host, path }: ProxyRule): string {
  return `${host}${path.replace(/\/+$/, '')}/`;
}

/** The crt-list: the router's own certificate first, for whoever asks for another name. */
function placeCertificates(sites: readonly ProxySite[], options: ProxyOptions, place: Place): string {
  const taken = new Set<string>();
  const lines = sites
    .flatMap(({ certificates }) => certificates)
    .flatMap(({ hosts, pem }) => {
      const free = hosts.filter((host) => !taken.has(host));
      for (const host of free) taken.add(host);
      return free.length === 0 ? [] : [certificateLine(place('certificate', 'pem', pem), free)];
    });
  const own = certificateLine(place('certificate', 'pem', options.defaultCertificate), []);
  return place('certificates', 'list', [own, ...lines].join(''));
}
