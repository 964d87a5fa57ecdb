import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Route } from '../src/kinds/openshift/route-types.ts';
import { must } from './box/process.ts';
import { PROJECT, PROJECT_IN_BOX } from './box/settings.ts';
import { box, eventually, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import { BORROWED, elsewhere, host, insideOf, type Place, plugInElsewhere, STAY, unplugElsewhere } from './places.ts';
import { apply, getObject, isReady, remove, untilPod } from './pods.ts';
import { NODE } from './probed-server.ts';

/** Servers of these tests are here, on the machine beside the box: hand-made slices lead to them. */
let web: Server;
let grpc: Http2Server;
let address: string;
const made: string[] = [];
/** The machine that runs these tests. */
const outside: Place = {
  name: 'this machine',
  run: (...command) => must(command),
  page: (url, seconds = 2) => must(['curl', '-sf', '-m', `${seconds}`, url]),
};
const places: readonly Place[] = [insideOf('browser'), host, elsewhere, outside];

function portOf(server: Server | Http2Server): number {
  return (server.address() as AddressInfo).port;
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('x-powered-by', 'tests');
  response.end(JSON.stringify({ url: request.url, headers: request.headers }));
}

/** A unary call of gRPC as far as a router cares: a frame back, the verdict in trailers. */
function startGrpc(): Http2Server {
  const server = createHttp2Server();
  server.on('stream', (stream) => {
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
  });
  return server;
}

async function listen(server: Server | Http2Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
}

async function create(kind: string, name: string, body: object, apiVersion = 'v1'): Promise<void> {
  made.push(`${kind.toLowerCase()}/${name}`);
  const metadata = { name, namespace: 'default', ...('metadata' in body ? (body.metadata as object) : {}) };
  await apply(JSON.stringify({ apiVersion, kind, ...body, metadata }));
}

function route(name: string, spec: object, annotations: object = {}): Promise<void> {
  const full = { host: `${name}.test`, to: { kind: 'Service', name: 'beside' }, port: { targetPort: 'http' }, ...spec };
  return create('Route', name, { spec: full, metadata: { annotations } }, 'route.openshift.io/v1');
}

async function serveFromHere(): Promise<void> {
  const gateway = (await box.must(['sh', '-c', "ip -4 route show default | sed 's/.*via \\([^ ]*\\).*/\\1/'"])).trim();
  const ports = [
    { name: 'http', port: portOf(web), protocol: 'TCP' },
    { name: 'grpc', port: portOf(grpc), protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
  ];
  await create('Service', 'beside', { spec: { ports: ports.map((port, i) => ({ ...port, port: 80 + i })) } });
  const slice = { addressType: 'IPv4', endpoints: [{ addresses: [gateway], conditions: { ready: true } }], ports };
  const metadata = { labels: { 'kubernetes.io/service-name': 'beside' } };
  await create('EndpointSlice', 'beside', { ...slice, metadata }, 'discovery.k8s.io/v1');
}

/** A page over HTTP/1.1. */
async function ask(from: Place, name: string, path = '/'): Promise<{ status: number; headers: Headers; body: string }> {
  const target = ['-sS', '-m', '5', '--noproxy', '*', '-D', '-', '-H', `Host: ${name}`, `http://${address}${path}`];
  const text = await from.run(from === outside ? 'curl' : '/usr/bin/curl', ...target);
  const [head = '', ...body] = text.split('\r\n\r\n');
  const lines = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(/: (.*)/) as [string, string]);
  const headers = new Headers(lines.map(([key, value]) => [key, value] as [string, string]));
  return { status: Number(/ (\d{3})/.exec(head)?.[1]), headers, body: body.join('\r\n\r\n') };
}

function untilServed(name: string): Promise<unknown> {
  const look = async () => (await ask(host, name)).status === 200;
  return eventually(look, { what: `${name} to be served` });
}

/** What `protocol-client.ts` prints. */
function heard(from: Place, what: string, name: string): Promise<string> {
  const [node, project] = from === outside ? [process.execPath, PROJECT] : [NODE, PROJECT_IN_BOX];
  return from.run(node, join(project, 'e2e/protocol-client.ts'), what, address, name);
}

const shownTo = (from: Place, name: string): Promise<string> => heard(from, 'certificate', name);

/** Looks from all places at once. */
const everywhere = (look: (from: Place) => Promise<unknown>) => Promise.all(places.map(look));

/** Waits until every place hears so. */
function untilHeard(what: string, name: string, expected: string): Promise<unknown> {
  return everywhere((from) => {
    const look = async () => expect(await heard(from, what, name)).toBe(expected);
    return eventually(look, { what: `${from.name} to hear ${expected} of ${name}` });
  });
}

/** A Secret with a certificate for a name. */
async function certificate(name: string): Promise<void> {
  const pair = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=${name} -addext subjectAltName=DNS:${name} -keyout /run/e2e.pem -out /run/e2e.crt 2>/dev/null && cat /run/e2e.pem /run/e2e.crt`;
  const pem = await box.must(['sh', '-c', pair]);
  const block = (label: string) =>
    new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----\n`).exec(pem)?.[0] ?? '';
  const stringData = { 'tls.crt': block('CERTIFICATE'), 'tls.key': block('PRIVATE KEY') };
  await create('Secret', name, { type: 'kubernetes.io/tls', stringData });
}

async function startBrowser(): Promise<void> {
  const { volumes, volumeMounts } = BORROWED;
  const main = { name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', STAY], volumeMounts };
  made.push('pod/browser');
  await apply(shellPod('browser', '', { volumes, containers: [main] }));
  await untilPod('browser', isReady, 'ready');
}

beforeAll(async () => {
  address = await box.address();
  web = createServer(echo);
  new WebSocketServer({ server: web }).on('connection', (socket) => {
    socket.on('message', (data) => socket.send(`you said ${data}`));
  });
  grpc = startGrpc();
  await Promise.all([listen(web), listen(grpc), plugInElsewhere()]);
  await Promise.all([serveFromHere(), startBrowser()]);
});

afterAll(async () => {
  await unplugElsewhere();
  await remove(...made);
  web.closeAllConnections();
  web.close();
  grpc.close();
});

describe('a Route carries', () => {
  it('WebSockets, plain and with TLS', async () => {
    await route('socket', { tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Allow' } });
    for (const what of ['ws', 'wss']) await untilHeard(what, 'socket.test', 'you said hello');
  });

  it('HTTP/2 with trailers, and so gRPC, to servers that speak it without TLS', async () => {
    await route('grpc', { port: { targetPort: 'grpc' }, tls: { termination: 'edge' } });
    await untilHeard('grpc', 'grpc.test', 'grpc 0');
  });

  it('headers as they were wished for, and who asked', async () => {
    const request = [{ name: 'X-Kind', action: { type: 'Set', set: { value: 'of "quoted" 100%%' } } }];
    const response = [{ name: 'X-Powered-By', action: { type: 'Delete' } }];
    await route('headers', { httpHeaders: { actions: { request, response } } });
    await untilServed('headers.test');
    await everywhere(async (from) => {
      const { headers, body } = await ask(from, 'headers.test');
      expect(headers.get('x-powered-by')).toBeNull();
      const seen = (JSON.parse(body) as { headers: { [name: string]: string } }).headers;
      expect([seen['x-kind'], seen['x-forwarded-proto'], seen['x-forwarded-host']]).toEqual([
        'of "quoted" 100%',
        'http',
        'headers.test',
      ]);
    });
  });

  it('paths as they are rewritten', async () => {
    await route('rewrite', { path: '/shop' }, { 'haproxy.router.openshift.io/rewrite-target': '/store/v1' });
    const seen = async (from: Place) => JSON.parse((await ask(from, 'rewrite.test', '/shop/a?b=c')).body);
    const look = (from: Place) => async () => expect(await seen(from)).toMatchObject({ url: '/store/v1/a?b=c' });
    await everywhere((from) => eventually(look(from), { what: 'another path' }));
  });

  it('no more requests than its limit', async () => {
    const limits = { 'rate-limit-connections': 'true', 'rate-limit-connections.rate-http': '5' };
    const annotations = Object.entries(limits).map(([key, value]) => [`haproxy.router.openshift.io/${key}`, value]);
    await route('limited', {}, Object.fromEntries(annotations));
    await untilServed('limited.test');
    const salvo = () => Promise.all(Array.from({ length: 12 }, () => ask(host, 'limited.test')));
    const look = async () => (await salvo()).some(({ status }) => status === 429);
    await eventually(look, { what: 'too many requests' });
  });
});

describe('a certificate', () => {
  it('of an Ingress is shown to those who ask for its host', async () => {
    for (const name of ['one.tls.test', 'two.tls.test']) await certificate(name);
    const hosts = ['one.tls.test', 'two.tls.test'];
    const backend = { service: { name: 'beside', port: { name: 'http' } } };
    const rules = hosts.map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }));
    const tls = hosts.map((host) => ({ hosts: [host], secretName: host }));
    await create('Ingress', 'tls', { spec: { rules, tls } }, 'networking.k8s.io/v1');
    for (const name of hosts) await untilHeard('certificate', name, name);
    await untilHeard('certificate', 'three.tls.test', 'quadshift-router');
    expect((await ask(host, 'one.tls.test')).status).toBe(302);
  });

  it('of a Secret is a Route’s when the router was given the right to read it', async () => {
    await certificate('far.test');
    const spec = {
      host: 'far.test',
      to: { kind: 'Service', name: 'beside' },
      port: { targetPort: 'http' },
      tls: { termination: 'edge', externalCertificate: { name: 'far.test' } },
    };
    const wanted = { apiVersion: 'route.openshift.io/v1', kind: 'Route', metadata: { name: 'far' }, spec };
    const refused = await kubectl(['apply', '-f', '-'], { input: JSON.stringify(wanted) });
    expect(refused.stderr).toContain('router serviceaccount does not have permission to get this secret');
    const rules = [
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['far.test'], verbs: ['get', 'list', 'watch'] },
    ];
    await create('Role', 'router-reads', { rules }, 'rbac.authorization.k8s.io/v1');
    const subjects = [{ kind: 'ServiceAccount', name: 'router', namespace: 'openshift-ingress' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'router-reads' };
    await create('RoleBinding', 'router-reads', { subjects, roleRef }, 'rbac.authorization.k8s.io/v1');
    await create('Route', 'far', { spec }, 'route.openshift.io/v1');
    await untilHeard('certificate', 'far.test', 'far.test');
    const { status } = await getObject<Route>('route', 'far');
    expect(status?.ingress?.[0]?.conditions?.[0]).toMatchObject({ type: 'Admitted', status: 'True' });
    await remove('rolebinding/router-reads');
    const isWithdrawn = async () => {
      const now = await getObject<Route>('route', 'far');
      const message = expect.stringContaining('router serviceaccount does not have permission to get this secret');
      expect(now.status?.ingress?.[0]?.conditions?.[0]).toMatchObject({ type: 'Admitted', status: 'False', message });
      expect(await shownTo(host, 'far.test')).toBe('quadshift-router');
    };
    await eventually(isWithdrawn, { what: 'the certificate to be taken back' });
  });
});
