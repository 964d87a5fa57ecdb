import { isIpAddress } from '../../../src/kinds/ip-address.ts';
import { type HaproxyLine, literalFormat, literalRegex } from '../../formats/haproxy.ts';
import type { ProxyCookie } from './site.ts';

/** Annotations of a Route or Ingress. */
export type Annotations = { readonly [name: string]: string };

/** Prefix of what the router listens to. */
const PREFIX = 'haproxy.router.openshift.io/';
const BALANCES = ['random', 'source', 'roundrobin', 'leastconn'];
/** Longest time that HAProxy takes. */
const MAX_MS = 2_147_483_647;
const UNITS: { readonly [unit: string]: number } = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
/** Words of one line that are left for values: HAProxy takes 64. */
const WORDS = 40;

/** What the lines depend on besides the annotations. */
export interface AnnotationContext {
  readonly mode: 'http' | 'tcp';
  /** Path of the rule, for rewriting. */
  readonly path: string;
  /** The router ends TLS. */
  readonly terminated: boolean;
  /** The share of several Services has to be kept. */
  readonly weighted: boolean;
}

/** Lines of a backend that annotations ask for. Values that make no sense are left out, as OpenShift's router does. */
export function annotationLines(annotations: Annotations, context: AnnotationContext): readonly HaproxyLine[] {
  const of = (name: string): string => annotations[`${PREFIX}${name}`] ?? '';
  const http = context.mode === 'http';
  return [
    ...balanceLines(of('balance'), context),
    ...timeoutLine(http ? 'server' : 'tunnel', of('timeout')),
    ...timeoutLine('tunnel', of('timeout-tunnel')),
    ...allowLines(of('ip_allowlist') || of('ip_whitelist')),
    ...rateLines(of, http),
    ...(http ? httpLines(of, context) : []),
  ];
}

function httpLines(of: (name: string) => string, context: AnnotationContext): readonly HaproxyLine[] {
  return [
    ...forwardedLines(of('set-forwarded-headers')),
    ...(context.terminated ? hstsLine(of('hsts_header')) : []),
    ...rewriteLine(of('rewrite-target'), context.path),
    ...(isTrue(of('h1-adjust-case')) ? [['option', 'h1-case-adjust-bogus-server']] : []),
  ];
}

/** The sticky cookie with the name that was chosen or `fallback`; undefined when it is not wanted. */
export function cookieOf(annotations: Annotations, fallback: string, secure: boolean): ProxyCookie | undefined {
  if (isTrue(annotations[`${PREFIX}disable_cookies`] ?? '')) return undefined;
  const chosen = annotations['router.openshift.io/cookie_name'] ?? '';
  const sameSite = annotations['router.openshift.io/cookie-same-site'] ?? '';
  return {
    name: /^[\w.-]+$/.test(chosen) ? chosen : fallback,
    secure,
    sameSite: ['None', 'Lax', 'Strict'].includes(sameSite) ? sameSite : undefined,
  };
}

/** Most connections to one pod at a time. */
export function podConnectionsOf(annotations: Annotations): number | undefined {
  return countOf(annotations[`${PREFIX}pod-concurrent-connections`] ?? '');
}

/** Milliseconds of a duration like `5s`; undefined when it is none. Without a unit it is milliseconds. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit = 'ms'] = /^([1-9][0-9]*)(us|ms|s|m|h|d)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Math.min(MAX_MS, Math.max(1, Math.ceil(Number(digits) * (UNITS[unit] ?? 1))));
}

function balanceOf(wanted: string, { mode, weighted }: AnnotationContext): string {
  if (BALANCES.includes(wanted)) return wanted;
  if (weighted) return 'roundrobin';
  return mode === 'tcp' ? 'source' : 'random';
}

/** Servers may come and go while the router runs: a hash by position in a fixed list would not allow that. */
function balanceLines(wanted: string, context: AnnotationContext): readonly HaproxyLine[] {
  const algorithm = balanceOf(wanted, context);
  return [['balance', algorithm], ...(algorithm === 'source' ? [['hash-type', 'consistent']] : [])];
}

function timeoutLine(which: string, text: string): readonly HaproxyLine[] {
  const ms = parseDuration(text);
  return ms === undefined ? [] : [['timeout', which, `${ms}ms`]];
}

/** Addresses and networks; when none of them is one, everybody is let in, as without the annotation. */
function allowLines(text: string): readonly HaproxyLine[] {
  const sources = text.split(/\s+/).filter(isSource);
  if (sources.length === 0) return [];
  const lines: HaproxyLine[] = [];
  for (let i = 0; i < sources.length; i += WORDS) lines.push(['acl', 'allowed', 'src', ...sources.slice(i, i + WORDS)]);
  return [...lines, ['tcp-request', 'content', 'reject', 'if', '!allowed']];
}

function isSource(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  if (rest.length > 0 || isIpAddress(address).length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (address.includes(':') ? 128 : 32));
}

function rateLines(of: (name: string) => string, http: boolean): readonly HaproxyLine[] {
  if (!isTrue(of('rate-limit-connections'))) return [];
  const concurrent = countOf(of('rate-limit-connections.concurrent-tcp'));
  const connections = countOf(of('rate-limit-connections.rate-tcp'));
  const requests = http ? countOf(of('rate-limit-connections.rate-http')) : undefined;
  const layer = http ? ['http-request'] : ['tcp-request', 'content'];
  const refusal = http ? ['http-request', 'deny', 'deny_status', '429'] : ['tcp-request', 'content', 'reject'];
  const limit = (what: string, most: number | undefined): readonly HaproxyLine[] =>
    most === undefined ? [] : [[...refusal, 'if', '{', what, 'gt', `${most}`, '}']];
  const kept = 'conn_cur,conn_rate(3s),http_req_rate(10s)';
  return [
    ['stick-table', 'type', 'ipv6', 'size', '100k', 'expire', '30s', 'store', kept],
    [...layer, 'track-sc0', 'src'],
    ...limit('sc0_conn_cur', concurrent),
    ...limit('sc0_conn_rate', connections),
    ...limit('sc0_http_req_rate', requests),
  ];
}

const FORWARDED: readonly (readonly [name: string, value: string, condition?: HaproxyLine])[] = [
  ['X-Forwarded-Host', '%[req.hdr(host)]'],
  ['X-Forwarded-Port', '%[dst_port]'],
  ['X-Forwarded-Proto', 'http', ['!{', 'ssl_fc', '}']],
  ['X-Forwarded-Proto', 'https', ['{', 'ssl_fc', '}']],
];

/** Who asked, and how, for the server. */
function forwardedLines(policy: string): readonly HaproxyLine[] {
  if (policy === 'never') return [];
  const absent = (name: string): HaproxyLine =>
    policy === 'if-none' ? ['!{', `req.hdr(${name})`, '-m', 'found', '}'] : [];
  const lines = FORWARDED.map(([name, value, condition = []]) => {
    const conditions = [...absent(name), ...condition];
    return ['http-request', 'set-header', name, value, ...(conditions.length > 0 ? ['if', ...conditions] : [])];
  });
  const forwarded = 'for=%[src];host=%[req.hdr(host)];proto=%[req.hdr(X-Forwarded-Proto)]';
  const drop = policy === 'replace' ? ['Forwarded', 'X-Forwarded-For'] : [];
  const when = policy === 'if-none' ? ['if', ...absent('Forwarded')] : [];
  return [
    ...drop.map((name) => ['http-request', 'del-header', name]),
    ['option', 'forwardfor', ...(policy === 'if-none' ? ['if-none'] : [])],
    ...lines,
    ['http-request', 'add-header', 'Forwarded', forwarded, ...when],
  ];
}

function hstsLine(text: string): readonly HaproxyLine[] {
  if (!/^\s*max-age\s*=\s*\d+\s*(;\s*(includeSubDomains|preload)\s*)*$/i.test(text)) return [];
  return [['http-response', 'set-header', 'Strict-Transport-Security', text.trim(), 'if', '{', 'ssl_fc', '}']];
}

/** The rule's path becomes the target's; what stands behind it stays. */
function rewriteLine(target: string, path: string): readonly HaproxyLine[] {
  if (!/^\/[!-~]*$/.test(target)) return [];
  const from = literalRegex(path.replace(/\/+$/, ''));
  const to = literalFormat(target.replace(/\/+$/, '').replaceAll('\\', '\\\\'));
  return [
    ['http-request', 'replace-path', to === '' ? `^${from}/?(.*)$` : `^${from}(.*)$`, to === '' ? '/\\1' : `${to}\\1`],
  ];
}

function isTrue(text: string): boolean {
  return /^(true|1|t)$/i.test(text);
}

function countOf(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
