import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../src/kinds/openshift/route-types.ts';
import { capture } from './box/process.ts';
import { untilPage } from './clients.ts';
import { box, eventually } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, getObject, remove, run, untilRolledOut } from './pods.ts';

const ONE = /version v1/;
const TWO = /version v2/;
const made: string[] = [];
let address: string;

function service(name: string): string {
  const spec = { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec });
}

/** Makes a route that goes away with the cases. */
async function route(name: string, spec: object, annotations: object = {}): Promise<void> {
  made.push(`route/${name}`);
  const metadata = { name, namespace: 'default', annotations };
  const full = { to: { kind: 'Service', name: 'one' }, host: `${name}.test`, ...spec };
  await apply(JSON.stringify({ apiVersion: 'route.openshift.io/v1', kind: 'Route', metadata, spec: full }));
}

/** What curl on this machine gets from the box's router: status line, headers and body. */
async function ask(url: string, ...more: readonly string[]): Promise<string> {
  const { hostname } = new URL(url);
  const names = [80, 443].flatMap((port) => ['--resolve', `${hostname}:${port}:${address}`]);
  const { code, stdout, stderr } = await capture([
    'curl',
    '-sSki',
    '-m',
    '5',
    '--noproxy',
    '*',
    ...names,
    ...more,
    url,
  ]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

function until(url: string, expected: RegExp, ...more: readonly string[]): Promise<string> {
  return untilPage(() => ask(url, ...more), expected);
}

async function verdictOf(name: string): Promise<string> {
  const { status } = await getObject<Route>('route', name);
  const [condition] = status?.ingress?.[0]?.conditions ?? [];
  return condition?.reason ?? condition?.status ?? '';
}

function untilVerdict(name: string, expected: string): Promise<unknown> {
  const what = `${name} to be ${expected}`;
  return eventually(async () => (await verdictOf(name)) === expected, { what });
}

beforeAll(async () => {
  address = await box.address();
  await apply(webDeployment({ name: 'one', replicas: 2 }));
  await apply(webDeployment({ name: 'two', image: 'localhost:5000/hello:v2' }));
  for (const name of ['one', 'two']) await apply(service(name));
  await untilRolledOut('one');
  await untilRolledOut('two');
});

afterAll(() => remove('deployment/one', 'deployment/two', 'service/one', 'service/two', ...made));

describe('a Route', () => {
  it('gets a host, is admitted, and is served there', async () => {
    await route('plain', { host: undefined });
    await until('http://plain-default.apps.cluster.local/', ONE);
    await untilVerdict('plain', 'True');
    expect(await ask('http://nobody.test/')).toContain('503');
  });

  it('with edge termination is served with the router’s certificate, and redirected to', async () => {
    await route('edge', { tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' } });
    expect(await until('https://edge.test/', ONE)).toMatch(/^HTTP\/2 200/);
    expect(await ask('http://edge.test/a?b')).toMatch(/302 Found.*location: https:\/\/edge\.test\/a\?b/is);
    expect(await ask('https://edge.test/', '--http1.1')).toMatch(/set-cookie: \w+=\w+; path=\/; HttpOnly; Secure/i);
  });

  it('has the longest path first, and rewrites it', async () => {
    const annotations = { 'haproxy.router.openshift.io/rewrite-target': '/' };
    await route('root', { host: 'paths.test' });
    await route('deep', { host: 'paths.test', path: '/deep', to: { kind: 'Service', name: 'two' } }, annotations);
    await until('http://paths.test/deep/index.html', TWO);
    expect(await ask('http://paths.test/deep')).toMatch(TWO);
    expect(await ask('http://paths.test/index.html')).toMatch(ONE);
    expect(await ask('http://paths.test/deeper')).toContain('404');
  });

  it('shares its traffic by weight', async () => {
    const alternateBackends = [{ kind: 'Service', name: 'two', weight: 25 }];
    const annotations = { 'haproxy.router.openshift.io/disable_cookies': 'true' };
    await route('weighted', { to: { kind: 'Service', name: 'one', weight: 75 }, alternateBackends }, annotations);
    await until('http://weighted.test/', ONE);
    const pages = await Promise.all(Array.from({ length: 40 }, () => ask('http://weighted.test/')));
    // Ten; a reload in the middle begins anew.
    const { length } = pages.filter((page) => TWO.test(page));
    expect([length > 5, length < 15]).toEqual([true, true]);
  });

  it('takes all of its subdomain when it says so', async () => {
    await route('wild', { host: 'www.wild.test', wildcardPolicy: 'Subdomain' });
    await until('http://other.wild.test/', ONE);
    expect(await ask('http://a.b.wild.test/')).toContain('503');
  });

  it('hands TLS through, and encrypts anew', async () => {
    const to = { kind: 'Service', name: 'kubernetes' };
    const authority = await box.must(['cat', '/var/lib/quadshift/pki/ca.crt']);
    await route('pass', { to, tls: { termination: 'passthrough' } });
    await route('again', { to, tls: { termination: 'reencrypt', destinationCACertificate: authority } });
    await until('https://pass.test/version', /gitVersion/);
    await until('https://again.test/version', /gitVersion/);
    const seen = async (name: string) => (await capture(certificateOf(name))).stderr;
    expect(await seen('pass.test')).toContain('subject: CN=quadshift\n');
    expect(await seen('again.test')).toContain('subject: CN=quadshift-router\n');
    await remove('route/pass');
    await until('https://edge.test/', ONE);
  });

  it('lets in whom it names', async () => {
    await route('closed', {}, { 'haproxy.router.openshift.io/ip_allowlist': '192.0.2.0/24' });
    await untilVerdict('closed', 'True');
    await eventually(
      () =>
        ask('http://closed.test/').then(
          () => false,
          () => true,
        ),
      { what: 'a closed door' },
    );
  });
});

/** curl that tells the certificate which it is shown. */
function certificateOf(name: string): readonly string[] {
  return [
    'curl',
    '-skv',
    '-m',
    '5',
    '--noproxy',
    '*',
    '--resolve',
    `${name}:443:${address}`,
    `https://${name}/version`,
  ];
}

describe('a broken Route', () => {
  it('hears what is wrong and harms nobody', async () => {
    await route('broken', { tls: { termination: 'edge', certificate: 'none', key: 'none' } });
    await route('thief', { host: 'edge.test', to: { kind: 'Service', name: 'two' } });
    await route('later', {});
    await untilVerdict('broken', 'ExtendedValidationFailed');
    await untilVerdict('thief', 'HostAlreadyClaimed');
    await until('http://later.test/', ONE);
    expect(await ask('https://edge.test/')).toMatch(ONE);
  });
});

describe('an Ingress', () => {
  it('is served by host and path, and says where', async () => {
    const to = (name: string) => ({ service: { name, port: { number: 80 } } });
    const paths = [
      { path: '/', pathType: 'Prefix', backend: to('one') },
      { path: '/index.html', pathType: 'Exact', backend: to('two') },
    ];
    const spec = { rules: [{ host: 'ingress.test', http: { paths } }] };
    const metadata = { name: 'shop', namespace: 'default' };
    await apply(JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec }));
    made.push('ingress/shop');
    await until('http://ingress.test/', ONE);
    expect(await ask('http://ingress.test/index.html')).toMatch(TWO);
    const told = async () => (await getObject<{ status: object }>('ingress', 'shop')).status;
    const expected = { loadBalancer: { ingress: expect.arrayContaining([{ ip: address }]) } };
    await eventually(async () => expect(await told()).toEqual(expected), { what: 'its address' });
  });
});

describe('the router', () => {
  it('follows endpoints while it runs, without a reload', async () => {
    await route('scaled', { to: { kind: 'Service', name: 'two' } });
    await until('http://scaled.test/', TWO);
    const workers = () => box.must(['pidof', 'haproxy']);
    const before = await workers();
    await run('scale', 'deployment/two', '--replicas=3');
    await untilRolledOut('two');
    const ready = async () => (await serversUp('route_default_scaled')) === 3;
    await eventually(ready, { what: 'three servers' });
    await run('scale', 'deployment/two', '--replicas=1');
    await eventually(async () => (await serversUp('route_default_scaled')) === 1, { what: 'one server' });
    await until('http://scaled.test/', TWO);
    // One that a reload before this has replaced may be gone by now; no other has come.
    expect(before.split(/\s+/)).toEqual(expect.arrayContaining((await workers()).split(/\s+/)));
  });

  it('drops no request while it is reloaded', async () => {
    const load = startLoad();
    for (let i = 0; i < 20; i++) await box.must(['systemctl', 'reload', 'quadshift-router.service']);
    const { answered, failed } = await load.stop();
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  });

  it('works after a boot without the API server', async () => {
    await box.must(['systemctl', 'mask', '--now', 'quadshift.service', 'quadshift.socket']);
    try {
      await box.reboot();
      await untilPage(() => ask('https://edge.test/'), ONE);
      await until('http://ingress.test/', ONE);
    } finally {
      await box.must(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
      await box.must(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
    }
  });
});

/** Asks the router's master for something. */
const ASK = '$s = IO::Socket::UNIX->new(Peer => shift); print $s "@ARGV\\n"; $s->shutdown(1); print while <$s>';

/** Servers of the running router's backend that take requests: up, and not in maintenance. */
async function serversUp(backend: string): Promise<number> {
  const socket = '/run/quadshift-router/master.sock';
  const answer = await box.must(['perl', '-MIO::Socket::UNIX', '-e', ASK, socket, `@1 show servers state ${backend}`]);
  return answer.split('\n').filter((line) => /^\d+ \S+ \d+ \S+ \S+ 2 0 /.test(line)).length;
}

/** Requests one after the other on four connections each time anew, until stopped. */
function startLoad(): { stop(): Promise<{ answered: number; failed: readonly string[] }> } {
  let isOver = false;
  let answered = 0;
  const failed: string[] = [];
  const client = async (): Promise<void> => {
    while (!isOver) {
      await once().then(
        () => (answered += 1),
        (error: unknown) => failed.push(String(error)),
      );
    }
  };
  const clients = Promise.all([client(), client(), client(), client()]);
  return {
    stop: async () => {
      isOver = true;
      await clients;
      return { answered, failed };
    },
  };
}

function once(): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { host: address, headers: { host: 'ingress.test' }, agent: false, timeout: 5000 };
    const call = request(options, (response) => {
      response.resume();
      response.on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))));
    });
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.on('error', reject);
    call.end();
  });
}

it('the examples are what their comments say', async () => {
  const read = (path: string) => readFile(new URL(`../examples/${path}`, import.meta.url), 'utf8');
  await apply(await read('routes/app.yaml'));
  await remove('route/plain', 'route/edge', 'route/weighted');
  await apply(await read('routes/routes.yaml'));
  await apply(await read('ingress/ingress.yaml'));
  made.push('deployment/stable', 'deployment/canary', 'service/stable', 'service/canary');
  await untilRolledOut('stable');
  await untilRolledOut('canary');
  await until('https://edge.example.com/shop/index.html', ONE);
  await until('http://weighted.example.com/', ONE);
  await until('http://shop.example.com/index.html', TWO);
});
