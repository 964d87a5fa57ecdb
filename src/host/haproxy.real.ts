import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proxySites } from '../../translators/host/proxy/sites.ts';
import { type ProxyFiles, translateProxy } from '../../translators/host/proxy.ts';
import type { Route, RouteSpec } from '../kinds/openshift/route-types.ts';
import type { EndpointSlice, Ingress, Secret, Service } from '../kinds/types.ts';
import { fnv1a } from '../machinery/deep.ts';
import { whyUnfit, whyUnreadable } from './certificates.ts';
import { createHaproxy, type Haproxy } from './haproxy.ts';

const digest = (text: string): string => fnv1a(text).toString(16);

let folder: string;
let haproxy: Haproxy;
let certificate: string;
let key: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quadshift-haproxy-'));
  haproxy = createHaproxy({ masterSocket: '/dev/null', scratch: folder });
  const [keyFile, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const how = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', '/CN=a.test'];
  execFileSync('openssl', ['req', '-x509', ...how, '-keyout', keyFile, '-out', file], { stdio: 'pipe' });
  [key, certificate] = [readFileSync(keyFile, 'utf8'), readFileSync(file, 'utf8')];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What somebody might write to be read as something else. No validation is between: it would only help. */
const hostile = fc.oneof(
  fc.constantFrom(
    ...['x\n  user evil', 'a\r\nuse_backend evil', "' evil '", '"evil', '\\', '# evil', '$HOME', '%[env(HOME)]', '%'],
    ...['%%%[ssl_c_der]', '%[req.hdr(a),lower]', '%[%%ssl_c_der]', '{ evil }', 'if { evil }', '(', '[', '*', '*.a', ''],
    ...['a.test', 'default', 'nothing', '10.0.0.1/8 0.0.0.0', 'max-age=1;preload', '5s', '99999999999999999999d', '1'],
    ...['true', 'leastconn', '/to\\1', '/a b', '\u2028evil', '\u0085evil', 'x'.repeat(5000), '::', 'ä/ö?ü'],
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
);

const PREFIX = 'haproxy.router.openshift.io/';
const NAMES = [
  ...['timeout', 'timeout-tunnel', 'balance', 'disable_cookies', 'ip_allowlist', 'ip_whitelist', 'hsts_header'],
  ...['rewrite-target', 'set-forwarded-headers', 'h1-adjust-case', 'pod-concurrent-connections'],
  ...['', '.concurrent-tcp', '.rate-tcp', '.rate-http'].map((end) => `rate-limit-connections${end}`),
];
const annotations = fc.dictionary(
  fc.constantFrom(
    ...NAMES.map((name) => `${PREFIX}${name}`),
    'router.openshift.io/cookie_name',
    'router.openshift.io/cookie-same-site',
  ),
  hostile,
);
const header = fc.record({
  // One that can't be done refuses its whole route: mostly they shall get through.
  name: fc.oneof({ weight: 20, arbitrary: fc.constant('X-A') }, { weight: 1, arbitrary: hostile }),
  action: fc.oneof(
    fc.record({ type: fc.constant('Set'), set: fc.record({ value: hostile }) }),
    fc.constant({ type: 'Delete' }),
  ),
});

const headers = fc.array(header, { maxLength: 2 });

/** A PEM with something around it, in its middle, or none at all. */
const pem = (good: () => string): fc.Arbitrary<string> =>
  fc.oneof(
    hostile.map((text) => `${text}\n${good()}${text}\n`),
    hostile.map((text) => good().replace('\n', `\n${text}\n`)),
    hostile,
  );
const tls = fc.record({
  termination: fc.constantFrom('edge', 'reencrypt', 'passthrough'),
  insecureEdgeTerminationPolicy: fc.constantFrom('Allow', 'Redirect', 'None'),
  certificate: pem(() => certificate),
  key: pem(() => key),
  destinationCACertificate: fc.oneof(
    fc.constant(''),
    pem(() => certificate),
  ),
});

const route = fc.record({
  metadata: fc.record({ name: hostile, namespace: hostile, annotations }),
  spec: fc.record({
    host: hostile,
    path: hostile.map((text) => `/${text}`),
    wildcardPolicy: fc.constantFrom('None', 'Subdomain'),
    to: fc.record({ name: hostile, weight: fc.integer({ min: 0, max: 256 }) }),
    tls: fc.option(tls, { nil: undefined, freq: 2 }),
    httpHeaders: fc.record({ actions: fc.record({ request: headers, response: headers }) }),
  }),
});

const ingress = fc.record({
  metadata: fc.record({ name: hostile, namespace: hostile, annotations }),
  spec: fc.record({
    ingressClassName: fc.constant('quadshift'),
    rules: fc.array(
      fc.record({
        host: hostile,
        http: fc.record({
          paths: fc.array(
            fc.record({
              path: hostile,
              pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'),
              backend: fc.record({ service: fc.record({ name: hostile, port: fc.record({ name: hostile }) }) }),
            }),
          ),
        }),
      }),
    ),
    tls: fc.array(fc.record({ hosts: fc.array(hostile), secretName: fc.constant('any') })),
  }),
});

interface Wishes {
  readonly routes: readonly unknown[];
  readonly ingresses: readonly unknown[];
  readonly chain: string;
}

/** The router's files for whatever is wished for; every Service that is named has endpoints, hostile ones among them. */
function translated({ routes, ingresses, chain }: Wishes): ProxyFiles {
  const all = [...(routes as Route[]), ...(ingresses as Ingress[])];
  const services = (routes as Route[]).map(({ metadata, spec }) => {
    const of = { namespace: metadata?.namespace, name: (spec as RouteSpec).to?.name };
    return { metadata: of, spec: { ports: [{ port: 80, name: of.name }] } } as unknown as Service;
  });
  const slices = services.map(({ metadata }) => {
    const labels = { 'kubernetes.io/service-name': metadata?.name };
    const endpoints = ['10.42.0.5', 'fd00::5', metadata?.name].map((address) => ({ addresses: [address] }));
    const slice = { addressType: 'IPv4', endpoints, ports: [{ name: metadata?.name, port: 8080 }] };
    return { metadata: { namespace: metadata?.namespace, labels }, ...slice } as unknown as EndpointSlice;
  });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const secret = { data: { 'tls.crt': base64(chain), 'tls.key': base64(key) } } as unknown as Secret;
  const pair = (certificates: readonly string[], own: string) => whyUnfit(certificates, own, new Date());
  const found = proxySites(
    {
      ...{ routes: all.slice(0, routes.length) as Route[], ingresses: all.slice(routes.length) as Ingress[] },
      ...{ services, slices, secret: () => secret, forbidden: () => undefined },
      classes: [{ metadata: { name: 'quadshift' }, spec: { controller: 'quadshift.io/router' } }],
    },
    { digest, domain: 'apps.test', inspect: { pair, livePair: pair, authorities: whyUnreadable } },
  );
  const defaultCertificate = certificate + key;
  return translateProxy(found.sites, {
    digest,
    defaultCertificate,
    authority: certificate,
    runtime: folder,
    ipv6: true,
  });
}

/** Lines that begin with what only a hostile text would begin a line with. */
const evilLines = ({ config, files }: ProxyFiles): readonly string[] =>
  [config, ...files.map(({ content }) => content)].flatMap(
    (text) => text.match(/^\s*(user |use_backend )?evil.*$/gm) ?? [],
  );

describe('HAProxy', () => {
  it('takes whatever hosts, paths, annotations, headers and certificates say, and nothing in them is a line', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          routes: fc.array(route, { minLength: 1, maxLength: 6 }),
          ingresses: fc.array(ingress, { maxLength: 3 }),
          chain: pem(() => certificate),
        }),
        async (wishes) => {
          const made = translated(wishes);
          expect(await haproxy.check(made)).toBeUndefined();
          expect(evilLines(made)).toEqual([]);
        },
      ),
      { numRuns: 80, endOnFailure: true },
    );
  });

  it('does complain of a line that is none of its own', async () => {
    const made = translated({
      routes: [{ metadata: { name: 'a' }, spec: { host: 'a.test' } }],
      ingresses: [],
      chain: '',
    });
    expect(await haproxy.check({ ...made, config: `${made.config}  evil\n` })).toContain('evil');
  });
});
