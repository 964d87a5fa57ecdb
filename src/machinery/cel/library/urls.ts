import { type Overload, overload } from '../overload.ts';
import type { CelType } from '../types.ts';
import { type AbstractValue, CelError } from '../values.ts';

const TYPE: CelType = { kind: 'abstract', name: 'kubernetes.URL' };
const PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/((?:[^@/?#]*@)?([^/?#]*)))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** A URL as Go reads it for requests: absolute, or a path. */
interface UrlValue extends AbstractValue {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function parse(text: string): UrlValue | undefined {
  const [, scheme = '', authority, host = '', path = '', query = ''] = PARTS.exec(text) ?? [];
  const decoded = decode(path);
  if (text === '' || /[\s\p{Cc}]/u.test(text) || decoded === undefined) return undefined;
  if (scheme === '' && !text.startsWith('/')) return undefined;
  if (authority !== undefined && !/^(?:\[[0-9A-Fa-f:.]+\]|[^[\]:]*)(?::\d*)?$/.test(host)) return undefined;
  return { celType: TYPE, identity: text, scheme: scheme.toLowerCase(), host, path: decoded, query };
}

function required(text: string): UrlValue {
  const value = parse(text);
  if (value === undefined)
    throw new CelError(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    );
  return value;
}

function hostname({ host }: UrlValue): string {
  return host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '');
}

function port({ host }: UrlValue): string {
  return /:(\d+)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? '';
}

function queryOf({ query }: UrlValue): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const pair of query.split('&').filter((each) => each !== '')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s).map((part) => decode(part.replaceAll('+', ' ')) ?? '');
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

function escapedPath({ path }: UrlValue): string {
  return encodeURI(path).replace(/[?#]/g, (c) => encodeURIComponent(c));
}

/** Kubernetes' URLs. */
export const urls: readonly Overload[] = [
  overload('url(string): kubernetes.URL', required, (text) => text.length / 10),
  overload(
    'isURL(string): bool',
    (text: string) => parse(text) !== undefined,
    (text) => text.length / 10,
  ),
  overload('kubernetes.URL.getScheme(): string', (url: UrlValue) => url.scheme),
  overload('kubernetes.URL.getHost(): string', (url: UrlValue) => url.host),
  overload('kubernetes.URL.getHostname(): string', hostname),
  overload('kubernetes.URL.getPort(): string', port),
  overload('kubernetes.URL.getEscapedPath(): string', escapedPath),
  overload('kubernetes.URL.getQuery(): map<string, list<string>>', queryOf),
];
