import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Route, RouteSpec } from '../../src/kinds/openshift/route-types.ts';
import type { EndpointSlice, Ingress, Service } from '../../src/kinds/types.ts';
import { fnv1a } from '../../src/machinery/deep.ts';
import type { ProxySite } from './proxy/site.ts';
import { type ProxySnapshot, proxySites } from './proxy/sites.ts';
import { translateProxy } from './proxy.ts';

const digest = (text: string): string => fnv1a(text).toString(16);
const pem = (label: string, body: string): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const CERTIFICATE = pem('CERTIFICATE', 'QUJD');
const KEY = pem('PRIVATE KEY', 'REVG');
const options = {
  digest,
  domain: 'apps.test',
  inspect: {
    pair: (_: readonly string[], key: string) => (key === KEY ? undefined : 'no fit'),
    livePair: () => undefined,
    authorities: () => undefined,
  },
};

function route(name: string, spec: RouteSpec, metadata: object = {}): Route {
  const creationTimestamp = '2026-01-01T00:00:00Z';
  return {
    metadata: { name, namespace: 'shop', creationTimestamp, ...metadata },
    spec: { to: { kind: 'Service', name: 'web', weight: 100 }, ...spec },
  } as Route;
}

function service(name: string): Service {
  return { metadata: { name, namespace: 'shop' }, spec: { ports: [{ port: 80, targetPort: 'http' }] } };
}

function slice(name: string, endpoints: readonly object[]): EndpointSlice {
  const labels = { 'kubernetes.io/service-name': name };
  return {
    metadata: { name: `${name}-1`, namespace: 'shop', labels },
    addressType: 'IPv4',
    endpoints: endpoints as EndpointSlice['endpoints'],
    ports: [{ port: 8080 }],
  } as EndpointSlice;
}

function snapshot(more: Partial<ProxySnapshot>): ProxySnapshot {
  return {
    ...{ routes: [], ingresses: [] },
    classes: [{ metadata: { name: 'quadshift' }, spec: { controller: 'quadshift.io/router' } }],
    services: [service('web'), service('canary')],
    slices: [
      slice('web', [{ addresses: ['10.42.0.2'] }, { addresses: ['10.42.0.3'], conditions: { ready: false } }]),
      slice('canary', [{ addresses: ['10.42.0.4'] }, { addresses: ['10.42.0.5'] }]),
    ],
    ...{ secret: () => undefined, forbidden: () => undefined },
    ...more,
  };
}

function compile(sites: readonly ProxySite[]) {
  const { config, files } = translateProxy(sites, {
    ...{ digest, defaultCertificate: CERTIFICATE + KEY, authority: CERTIFICATE, runtime: '/run/router', ipv6: true },
  });
  const file = (stem: string) => files.find(({ name }) => name.startsWith(`${stem}-`))?.content;
  return { config, files, file };
}

function routed(...routes: readonly Route[]) {
  const found = proxySites(snapshot({ routes }), options);
  return { ...found, ...compile(found.sites) };
}

describe('a Route', () => {
  it('without TLS is served on port 80, by its ready endpoints', () => {
    const { config, file } = routed(route('web', { path: '/a/' }));
    expect(file('http-prefix')).toBe('web-shop.apps.test/a/ route_shop_web\n');
    expect(file('https-prefix')).toBeUndefined();
    expect(config).toMatch(/backend route_shop_web\n {2}mode http\n {2}balance random/);
    expect(config.match(/^ {2}server .*$/gm)).toEqual([
      expect.stringMatching(/^ {2}server web:10\.42\.0\.2:8080 10\.42\.0\.2:8080 weight 1 cookie \w+$/),
    ]);
  });

  it('with edge termination is redirected, allowed or not there on port 80', () => {
    const policies = ['Redirect', 'Allow', 'None'].map((insecureEdgeTerminationPolicy) => {
      const tls = { termination: 'edge', insecureEdgeTerminationPolicy };
      return routed(route('web', { host: 'a.test', tls })).file('http-prefix');
    });
    expect(policies).toEqual(['a.test/ redirect\n', 'a.test/ route_shop_web\n', undefined]);
  });

  it('passes TLS through by the name that the client asks for', () => {
    const { config, file } = routed(route('web', { host: 'a.test', tls: { termination: 'passthrough' } }));
    expect(file('passthrough')).toBe('a.test route_shop_web\n');
    expect(config).toContain('backend route_shop_web\n  mode tcp\n  balance source\n  hash-type consistent\n  server');
    expect(config).toContain('bind unix@/run/router/tls.sock');
  });

  it('encrypts to its servers when asked to', () => {
    const tls = { termination: 'reencrypt', destinationCACertificate: CERTIFICATE };
    expect(routed(route('web', { tls })).config).toMatch(
      /ssl verify required ca-file authority-\w+\.pem alpn h2,http\/1\.1$/m,
    );
    expect(routed(route('web', { tls: { termination: 'reencrypt' } })).config).toContain(' verifyhost web.shop.svc ');
  });

  it('shares traffic between Services by their weights, whatever the number of their endpoints', () => {
    const spec = { to: { name: 'web', weight: 60 }, alternateBackends: [{ name: 'canary', weight: 40 }] };
    const { config } = routed(route('web', spec));
    expect([...config.matchAll(/ weight (\d+)/g)].map(([, weight]) => weight)).toEqual(['256', '85', '85']);
    expect(config).toContain('balance roundrobin');
  });

  it('takes all of its subdomain when its policy says so', () => {
    expect(routed(route('web', { host: 'www.a.test', wildcardPolicy: 'Subdomain' })).file('http-prefix')).toBe(
      '*.a.test/ route_shop_web\n',
    );
  });

  it('has its own certificate for its host', () => {
    const tls = { termination: 'edge', certificate: CERTIFICATE, key: KEY };
    const { file, files } = routed(route('web', { host: 'a.test', tls }));
    expect(file('certificates')).toMatch(/^certificate-\w+\.pem\ncertificate-\w+\.pem a\.test\n$/);
    expect(files.some(({ content }) => content === CERTIFICATE + KEY)).toBe(true);
  });

  it('is refused alone when its certificate is broken', () => {
    const tls = { termination: 'edge', certificate: CERTIFICATE, key: CERTIFICATE };
    const { refusals, sites } = routed(route('broken', { host: 'b.test', tls }), route('web', { host: 'a.test' }));
    expect([...refusals]).toEqual([
      [
        'Route shop/broken',
        { reason: 'ExtendedValidationFailed', message: expect.stringContaining('spec.tls.certificate') },
      ],
    ]);
    expect(sites.map(({ owner }) => owner)).toEqual(['Route shop/web']);
  });

  it('keeps a certificate whose time runs out while it is served', () => {
    const tls = { termination: 'edge', certificate: CERTIFICATE, key: pem('PRIVATE KEY', 'b2xk') };
    const fresh = route('web', { host: 'a.test', tls });
    const conditions = [{ type: 'Admitted', status: 'True' }];
    const live = { ...fresh, status: { ingress: [{ host: 'a.test', routerName: 'default', conditions }] } };
    expect([routed(fresh).refusals.size, routed(live).refusals.size]).toEqual([1, 0]);
  });

  it('loses a host to the older one, and to the older namespace', () => {
    const later = { creationTimestamp: '2026-01-02T00:00:00Z' };
    const { refusals } = routed(
      route('first', { host: 'a.test' }),
      route('same', { host: 'a.test' }, later),
      route('beside', { host: 'a.test', path: '/x' }, later),
      route('foreign', { host: 'a.test', path: '/y' }, { ...later, namespace: 'thief' }),
    );
    expect([...refusals].map(([owner, { reason, message }]) => [owner, reason, message])).toEqual([
      ['Route shop/same', 'HostAlreadyClaimed', 'route first already exposes a.test and is older'],
      [
        'Route thief/foreign',
        'HostAlreadyClaimed',
        'a route in another namespace holds a.test and is older than foreign',
      ],
    ]);
  });

  it('is tuned by its annotations', () => {
    const annotations = Object.fromEntries(
      Object.entries({
        timeout: '2m',
        balance: 'leastconn',
        disable_cookies: 'true',
        ip_allowlist: '192.0.2.0/24 nonsense 2001:db8::1',
        hsts_header: 'max-age=10;preload',
        'rewrite-target': '/to%',
        'rate-limit-connections': 'true',
        'rate-limit-connections.rate-http': '7',
      }).map(([name, value]) => [`haproxy.router.openshift.io/${name}`, value]),
    );
    const { config } = routed(route('web', { path: '/from', tls: { termination: 'edge' } }, { annotations }));
    for (const line of [
      'timeout server 120000ms',
      'balance leastconn',
      'acl allowed src 192.0.2.0/24 2001:db8::1',
      "http-response set-header Strict-Transport-Security 'max-age=10;preload' if { ssl_fc }",
      "http-request replace-path '^/from(.*)$' '/to%%\\1'",
      'http-request deny deny_status 429 if { sc0_http_req_rate gt 7 }',
    ]) {
      expect(config).toContain(`  ${line}\n`);
    }
    expect(config).not.toContain('cookie');
  });

  it('sets headers, but asks HAProxy for nothing that it should not know', () => {
    const headers = (value: string) => ({
      httpHeaders: { actions: { request: [{ name: 'X-A', action: { type: 'Set', set: { value } } }] } },
    });
    expect(routed(route('web', headers('50%% %[req.hdr(A),lower]'))).config).toContain(
      "X-A '50%% %[req.hdr(A),lower]'",
    );
    for (const value of ['%[env(HOME)]', '%[%%req.hdr(A)]', '%%%', '%%%[env(HOME)]', 'a\n', '']) {
      expect(routed(route('web', headers(value))).refusals.size).toBe(1);
    }
  });
});

describe('an Ingress', () => {
  const spec = {
    ingressClassName: 'quadshift',
    defaultBackend: { service: { name: 'canary', port: { number: 80 } } },
    tls: [{ hosts: ['s.test'], secretName: 'none' }],
    rules: [
      {
        host: 'a.test',
        http: {
          paths: [
            { path: '/x', pathType: 'Exact', backend: { service: { name: 'web', port: { number: 80 } } } },
            { path: '/x', pathType: 'Prefix', backend: { service: { name: 'canary', port: { number: 80 } } } },
          ],
        },
      },
      {
        host: 's.test',
        http: {
          paths: [{ pathType: 'Prefix', path: '/', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
  };
  const ingress = { metadata: { name: 'i', namespace: 'shop' }, spec } as unknown as Ingress;

  it('has exact paths, prefixes, a default, and TLS where it says so', () => {
    const found = proxySites(snapshot({ ingresses: [ingress] }), options);
    const { file } = compile(found.sites);
    expect(file('http-exact')).toBe('a.test/x ingress_shop_i_web_80\n');
    expect(file('http-prefix')).toBe(
      [
        'a.test/x/ ingress_shop_i_canary_80',
        's.test/ redirect',
        'a.test/ ingress_shop_i_canary_80',
        '*/ ingress_shop_i_canary_80',
        '',
      ].join('\n'),
    );
    expect(file('https-prefix')).toBe('s.test/ ingress_shop_i_web_80\n');
    expect([...found.complaints.values()]).toEqual([['certificate of Secret none: the secret does not exist']]);
  });

  it('of another class is not ours', () => {
    const other = { ...ingress, spec: { ...spec, ingressClassName: 'nginx' } } as unknown as Ingress;
    expect(proxySites(snapshot({ ingresses: [other] }), options)).toMatchObject({ sites: [], ours: [] });
  });
});

const LINE =
  /^( {2}(default-path|user|group|log|fd-hard-limit|hard-stop-after|ssl-default-bind-options|h1-case-adjust|mode|option|timeout|bind|http-request|http-response|tcp-request|use_backend|default_backend|server|balance|hash-type|acl|stick-table|cookie) .+|(frontend|backend) [\w.:-]+|global|defaults|# .*)?$/;

it('nothing that users write makes a line of its own', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'x\n  user root',
      "a'\n b",
      '$HOME',
      '/a\r\nb c',
      '"',
      '\\',
      '# x',
      '%[env(A)]',
      '-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\nfoo',
    ),
  );
  const names = ['timeout', 'balance', 'ip_allowlist', 'hsts_header', 'rewrite-target', 'set-forwarded-headers'];
  const annotations = fc.record(Object.fromEntries(names.map((name) => [`haproxy.router.openshift.io/${name}`, text])));
  const cookie = fc.record({ 'router.openshift.io/cookie_name': text });
  const header = fc.record({
    name: text,
    action: fc.record({ type: fc.constant('Set'), set: fc.record({ value: text }) }),
  });
  const tls = fc.record({
    termination: fc.constantFrom('edge', 'reencrypt', 'passthrough'),
    certificate: text,
    key: fc.constantFrom('', KEY),
  });
  fc.assert(
    fc.property(text, text, annotations, cookie, header, fc.option(tls), (host, path, notes, more, set, secured) => {
      const spec = {
        host,
        path: `/${path}`,
        tls: secured ?? undefined,
        httpHeaders: { actions: { request: [set] } },
      } as RouteSpec;
      const { config, files } = routed(
        route('web', spec, { annotations: { ...notes, ...more } }),
        route('web', { ...spec, httpHeaders: {} }, { namespace: path }),
      );
      for (const line of config.split('\n')) expect(line).toMatch(LINE);
      for (const { name, content } of files) {
        const each = name.endsWith('.map') ? /^[!-~]+ [\w.:-]+$/ : /^[\w.=+/ *:-]+$/;
        for (const line of content.trimEnd().split('\n')) expect(line).toMatch(each);
      }
    }),
  );
}, 20_000);
