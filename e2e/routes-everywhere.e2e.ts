import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../src/kinds/openshift/route-types.ts';
import { box, eventually, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import {
  BORROWED,
  ELSEWHERE,
  elsewhere,
  host,
  insideOf,
  type Place,
  plugInElsewhere,
  STAY,
  unplugElsewhere,
  WHO,
} from './places.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';

const pod = insideOf('browser');
const hostling = insideOf('hostling');
const places: readonly Place[] = [pod, hostling, host, elsewhere];
/** The house's authority as pods find it. */
const CA_IN_POD = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';
const CA = '/var/lib/quadshift/pki/ca.crt';
const OTHER = 'routes-other';
const PREFIX = 'haproxy.router.openshift.io/';
const SLOW = 'trap exit TERM; while :; do nc -l -p 8080 -e sh -c "sleep 4; echo late" & wait $!; done';
const made: string[] = [];
let node: string;

async function create(kind: string, name: string, body: object, namespace = 'default'): Promise<void> {
  const groups: { readonly [kind: string]: string } = {
    Route: 'route.openshift.io/v1',
    Ingress: 'networking.k8s.io/v1',
    IngressClass: 'networking.k8s.io/v1',
  };
  if (namespace === 'default') made.push(`${kind.toLowerCase()}/${name}`);
  const metadata = { name, namespace, ...('metadata' in body ? (body.metadata as object) : {}) };
  await apply(JSON.stringify({ apiVersion: groups[kind] ?? 'v1', kind, ...body, metadata }));
}

interface RouteWish {
  readonly spec?: object;
  /** Without the prefix. */
  readonly annotations?: { readonly [name: string]: string };
  readonly namespace?: string;
}

function route(name: string, { spec, annotations = {}, namespace }: RouteWish = {}): Promise<void> {
  const full = { host: `${name}.test`, to: { kind: 'Service', name: 'one' }, ...spec };
  const notes = Object.entries(annotations).map(([key, value]) => [`${PREFIX}${key}`, value]);
  return create('Route', name, { spec: full, metadata: { annotations: Object.fromEntries(notes) } }, namespace);
}

async function startPod(name: string, script: string, spec: object = {}): Promise<void> {
  made.push(`pod/${name}`);
  const main = {
    ...{ name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', script] },
    ...{ volumeMounts: BORROWED.volumeMounts, env: [{ name: 'PORT', value: '8080' }] },
  };
  const whole = JSON.parse(shellPod(name, '', { volumes: BORROWED.volumes, containers: [main], ...spec }));
  const app = name.replace(/-.*/, '');
  await apply(JSON.stringify({ ...whole, metadata: { ...whole.metadata, labels: { app } } }));
}

/** What a place gets from the router: status line, headers, and body. */
function ask(from: Place, url: string, ...more: readonly string[]): Promise<string> {
  const { hostname } = new URL(url);
  const resolve = [80, 443].flatMap((port) => ['--resolve', `${hostname}:${port}:${node}`]);
  return from.run('/usr/bin/curl', '-sSki', '-m', '5', '--noproxy', '*', ...resolve, ...more, url);
}

async function until(from: Place, url: string, expected: RegExp, ...more: readonly string[]): Promise<void> {
  const what = `${url} to answer ${from.name} like ${expected}`;
  await eventually(async () => expect(await ask(from, url, ...more)).toMatch(expected), { what });
}

const everywhere = (look: (from: Place) => Promise<unknown>) => Promise.all(places.map(look));

/** Who answers, by name. */
const whoAnswers = async (from: Place, url: string, ...more: readonly string[]): Promise<string> =>
  /^(one-?\w*|two) /m.exec(await ask(from, url, ...more))?.[1] ?? '';

async function untilVerdict(name: string, expected: object, namespace = 'default'): Promise<void> {
  const look = async () => {
    const { status } = await getObject<Route>('route', name, '-n', namespace);
    expect(status?.ingress?.[0]?.conditions?.[0]).toMatchObject({ type: 'Admitted', ...expected });
  };
  await eventually(look, { what: `the verdict on ${name}` });
}

/** A certificate and its key, with openssl's options. */
async function pair(...options: readonly string[]): Promise<{ readonly certificate: string; readonly key: string }> {
  const how = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/run/e2e.key'];
  await box.must(['openssl', 'req', '-x509', ...how, '-out', '/run/e2e.crt', ...options]);
  return { certificate: await box.must(['cat', '/run/e2e.crt']), key: await box.must(['cat', '/run/e2e.key']) };
}

beforeAll(async () => {
  await plugInElsewhere();
  node = await box.address();
  await create('Namespace', OTHER, {});
  for (const name of ['one', 'two', 'slow']) {
    await create('Service', name, {
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    });
  }
  const servers = ['one-a', 'one-b', 'two'].map((name) => startPod(name, WHO));
  const clients = [startPod('browser', STAY), startPod('hostling', STAY, { hostNetwork: true })];
  await Promise.all([...servers, ...clients, startPod('slow', SLOW)]);
  for (const name of ['one-a', 'one-b', 'two', 'browser', 'hostling', 'slow']) await untilPod(name, isReady, 'ready');
}, 120_000);

afterAll(async () => {
  await unplugElsewhere();
  await remove(...new Set(made));
});

describe('a Route', () => {
  it('is served to everybody, plain and with a certificate of the house’s authority', async () => {
    const tls = { termination: 'edge', insecureEdgeTerminationPolicy: 'Allow' };
    await create('Route', 'open', { spec: { to: { kind: 'Service', name: 'one' }, tls } });
    const url = 'open-default.apps.cluster.local/';
    await everywhere(async (from) => {
      await until(from, `http://${url}`, /^one/m);
      const authority = from === pod || from === hostling ? CA_IN_POD : CA;
      const page = await ask(from, `https://${url}`, '--no-insecure', '--cacert', authority);
      expect(page).toMatch(/^HTTP\/2 200/);
      expect(page).toMatch(/^one/m);
    });
    const { status } = await getObject<Route>('route', 'open');
    expect(status?.ingress).toMatchObject([
      { routerName: 'default', routerCanonicalHostname: 'router-default.apps.cluster.local', host: url.slice(0, -1) },
    ]);
  });

  it('that says nothing of plain requests has none', async () => {
    await route('secret', { spec: { tls: { termination: 'edge' } } });
    await everywhere(async (from) => {
      await until(from, 'https://secret.test/', /^one/m);
      expect(await ask(from, 'http://secret.test/')).toMatch(/^HTTP\/1.1 503/);
    });
  });

  it('that encrypts anew, or hands TLS through, does so for everybody', async () => {
    const to = { kind: 'Service', name: 'kubernetes' };
    const destinationCACertificate = await box.must(['cat', CA]);
    await route('again', { spec: { to, tls: { termination: 'reencrypt', destinationCACertificate } } });
    await route('pass', { spec: { to, tls: { termination: 'passthrough' } } });
    await everywhere(async (from) => {
      for (const name of ['again', 'pass']) await until(from, `https://${name}.test/version`, /gitVersion/);
    });
    await remove('route/pass');
  });

  it('keeps a client with one server by a cookie, and turns without', async () => {
    await route('sticky');
    await route('round', { annotations: { disable_cookies: 'true', balance: 'roundrobin' } });
    await everywhere(async (from) => {
      await until(from, 'http://sticky.test/', /set-cookie/i);
      const cookie = /set-cookie: ([^;]+)/i.exec(await ask(from, 'http://sticky.test/'))?.[1] ?? '';
      const once = await whoAnswers(from, 'http://sticky.test/', '-b', cookie);
      for (let i = 0; i < 5; i++) expect(await whoAnswers(from, 'http://sticky.test/', '-b', cookie)).toBe(once);
    });
    const turns = async () => {
      const answers = [await whoAnswers(host, 'http://round.test/'), await whoAnswers(host, 'http://round.test/')];
      expect(answers.sort()).toEqual(['one-a', 'one-b']);
    };
    await eventually(turns, { what: 'both in turn' });
  });

  it('shares its traffic by weight', async () => {
    const alternateBackends = [{ kind: 'Service', name: 'two', weight: 25 }];
    const spec = { to: { kind: 'Service', name: 'one', weight: 75 }, alternateBackends };
    await route('weighted', { spec, annotations: { disable_cookies: 'true' } });
    for (const from of places) {
      await until(from, 'http://weighted.test/', /^(one|two)/m);
      const pages = await ask(from, 'http://weighted.test/?[1-40]');
      // Ten of forty; a reload in the middle begins anew.
      const { length } = pages.match(/^two /gm) ?? [];
      expect([from.name, length > 5, length < 15]).toEqual([from.name, true, true]);
    }
  });

  it('takes all of its subdomain when it says so, and rewrites paths', async () => {
    await route('wild', { spec: { host: 'www.wild.test', wildcardPolicy: 'Subdomain' } });
    const deep = { host: 'paths.test', path: '/deep', to: { kind: 'Service', name: 'two' } };
    await route('deep', { spec: deep, annotations: { 'rewrite-target': '/' } });
    await route('as-is', { spec: { host: 'paths.test' } });
    await everywhere(async (from) => {
      await until(from, 'http://other.wild.test/', /^one/m);
      expect(await ask(from, 'http://a.b.wild.test/')).toMatch(/^HTTP\/1.1 503/);
      await until(from, 'http://paths.test/deep', /^two/m);
      await until(from, 'http://paths.test/deeper', /^one-\w has no such page/m);
    });
  });

  it('waits as long as it was told to, and no longer', async () => {
    const to = { kind: 'Service', name: 'slow' };
    await route('hasty', { spec: { to }, annotations: { timeout: '1s' } });
    await until(host, 'http://hasty.test/', /^HTTP\/1.1 504/);
    await Promise.all([pod, elsewhere].map((from) => until(from, 'http://hasty.test/', /^HTTP\/1.1 50[34]/)));
  });

  it('lets in whom it names, by their own address', async () => {
    const guard = (source: string) => route('guarded', { annotations: { ip_allowlist: source } });
    const admitted = async () => {
      const looks = [pod, elsewhere].map((from) => ask(from, 'http://guarded.test/'));
      return (await Promise.allSettled(looks)).map((look) => look.status === 'fulfilled' && /^one/m.test(look.value));
    };
    const until = (expected: readonly boolean[]) =>
      eventually(async () => expect(await admitted()).toEqual(expected), { what: 'that guest list' });
    await guard(`192.0.2.0/24 ${ELSEWHERE.address}`);
    await until([false, true]);
    await guard('10.42.0.0/16');
    await until([true, false]);
  });

  it('limits each client by itself', async () => {
    const limits = { 'rate-limit-connections': 'true', 'rate-limit-connections.rate-http': '3' };
    await route('rationed', { annotations: limits });
    // In one go: it is counted by the time.
    const salvo = Array.from({ length: 9 }, () => 'http://rationed.test/');
    await until(pod, 'http://rationed.test/', /^HTTP\/1.1 429/m, ...salvo);
    expect(await ask(elsewhere, 'http://rationed.test/')).toMatch(/^HTTP\/1.1 200/);
  });

  it('tells browsers to come with TLS, and adjusts the case of headers', async () => {
    const annotations = { hsts_header: 'max-age=60;includeSubDomains', 'h1-adjust-case': 'true' };
    await route('strict', { spec: { tls: { termination: 'edge' } }, annotations });
    await everywhere((from) =>
      until(from, 'https://strict.test/', /strict-transport-security: max-age=60;includeSubDomains/i),
    );
  });
});

describe('a host', () => {
  it('is the oldest’s namespace’s, and the next one’s when that goes', async () => {
    const spec = { host: 'claimed.test', to: { kind: 'Service', name: 'one' } };
    await route('first', { spec });
    await untilVerdict('first', { status: 'True' });
    await create('Service', 'one', { spec: { type: 'ExternalName', externalName: 'nowhere.test' } }, OTHER);
    await route('second', { spec: { ...spec, path: '/other' }, namespace: OTHER });
    await route('third', { spec });
    const message = 'a route in another namespace holds claimed.test and is older than second';
    await untilVerdict('second', { status: 'False', reason: 'HostAlreadyClaimed', message }, OTHER);
    await untilVerdict('third', {
      status: 'False',
      reason: 'HostAlreadyClaimed',
      message: 'route first already exposes claimed.test and is older',
    });
    await everywhere((from) => until(from, 'http://claimed.test/', /^one/m));
    await remove('route/first', 'route/third');
    await untilVerdict('second', { status: 'True' }, OTHER);
    await everywhere((from) => until(from, 'http://claimed.test/other', /^HTTP\/1.1 503/));
  });
});

describe('a certificate', () => {
  it('that is another key’s, or has run out, doesn’t go live; one that fits does', async () => {
    const good = await pair('-subj', '/CN=own.test', '-addext', 'subjectAltName=DNS:own.test', '-days', '2');
    const other = await pair('-subj', '/CN=x');
    const old = await pair('-subj', '/CN=x', '-not_before', '20240101000000Z', '-not_after', '20240102000000Z');
    const tls = { termination: 'edge' };
    await route('mixed', { spec: { tls: { ...tls, certificate: good.certificate, key: other.key } } });
    await route('expired', { spec: { tls: { ...tls, ...old } } });
    await route('own', { spec: { tls: { ...tls, ...good } } });
    const reason = 'ExtendedValidationFailed';
    const why = 'spec.tls.certificate: the key does not belong to the certificate';
    await untilVerdict('mixed', { status: 'False', reason, message: why });
    await untilVerdict('expired', { reason, message: expect.stringContaining('the certificate expired') });
    await untilVerdict('own', { status: 'True' });
    await box.must(['sh', '-c', 'cat >/run/own.pem'], { input: good.certificate });
    for (const from of [host, elsewhere]) {
      await until(from, 'https://own.test/', /^HTTP\/2 200/, '--no-insecure', '--cacert', '/run/own.pem');
    }
  });
});

describe('an Ingress', () => {
  const to = (name: string) => ({ service: { name, port: { name: 'http' } } });

  it('is served by its paths of every type, by its default, and to nobody when it is another’s', async () => {
    const paths = [
      { path: '/exact', pathType: 'Exact', backend: to('two') },
      { path: '/part', pathType: 'Prefix', backend: to('two') },
      { path: '/any', pathType: 'ImplementationSpecific', backend: to('two') },
    ];
    const rules = [{ host: 'shop.test', http: { paths } }];
    await create('Ingress', 'shop', { spec: { defaultBackend: to('one'), rules } });
    await create('IngressClass', 'other', { spec: { controller: 'example.com/other' } });
    const foreign = [
      { host: 'foreign.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend: to('two') }] } },
    ];
    await create('Ingress', 'foreign', { spec: { ingressClassName: 'other', rules: foreign } });
    await everywhere(async (from) => {
      await until(from, 'http://shop.test/exact', /^two/m);
      const ask = async (path: string) => whoAnswers(from, `http://shop.test${path}`);
      for (const path of ['/part', '/part/', '/any']) expect([path, await ask(path)]).toEqual([path, 'two']);
      for (const path of ['/', '/exact/', '/partly']) {
        expect([path, (await ask(path)).slice(0, 3)]).toEqual([path, 'one']);
      }
      // A default is everybody's, foreign hosts included.
      expect((await whoAnswers(from, 'http://foreign.test/')).slice(0, 3)).toBe('one');
    });
    expect((await getObject<{ status: object }>('ingress', 'foreign')).status).toEqual({ loadBalancer: {} });
  });

  it('that is broken says so, and harms no other', async () => {
    const rules = [
      { host: 'broken.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend: to('nobody') }] } },
    ];
    await create('Ingress', 'broken', { spec: { rules, tls: [{ hosts: ['broken.test'], secretName: 'none' }] } });
    const events = ['get', 'events', '--field-selector=involvedObject.name=broken', '-o', 'jsonpath={..message}'];
    const said = 'certificate of Secret none: the secret does not exist';
    await eventually(async () => expect(await run(...events)).toContain(said), { what: 'an event' });
    await everywhere(async (from) => {
      await until(from, 'https://broken.test/', /^HTTP\/2 503/);
      await until(from, 'http://shop.test/exact', /^two/m);
    });
    expect((await kubectl(['get', 'ingress', 'broken'])).stdout).toContain(node);
  });
});

it('the router and the resolver are started again when they are killed', async () => {
  for (const unit of ['quadshift-router.service', 'quadshift-dns.service']) {
    await box.must(['systemctl', 'kill', '--signal=KILL', unit]);
  }
  await everywhere((from) => until(from, 'http://shop.test/exact', /^two/m));
  const look = () => pod.run('nslookup', '-type=a', 'one.default.svc.cluster.local');
  await eventually(async () => expect(await look()).toContain('Address: 10.43.'), { what: 'names' });
});
