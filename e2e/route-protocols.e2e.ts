import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import type { Route } from '../src/kinds/openshift/route-types.ts';
import { box, eventually, kubectl } from './harness.ts';
import { apply, getObject, remove } from './pods.ts';

/** Servers of these tests are here, on the machine beside the box: hand-made slices lead to them. */
let web: Server;
let grpc: Http2Server;
let address: string;
const made: string[] = [];

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
async function ask(name: string, path = '/'): Promise<{ status: number; headers: Headers; body: string }> {
  const target = ['-sS', '-m', '5', '-D', '-', '-H', `Host: ${name}`, `http://${address}${path}`];
  const text = await box.must(['curl', ...target]);
  const [head = '', ...body] = text.split('\r\n\r\n');
  const lines = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(/: (.*)/) as [string, string]);
  const headers = new Headers(lines.map(([key, value]) => [key, value] as [string, string]));
  return { status: Number(/ (\d{3})/.exec(head)?.[1]), headers, body: body.join('\r\n\r\n') };
}

function untilServed(name: string): Promise<unknown> {
  const look = async () => (await ask(name)).status === 200;
  return eventually(look, { what: `${name} to be served` });
}

/** The echo of one message over a WebSocket. */
function said(url: string, options: WebSocket.ClientOptions & { servername?: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { ...options, rejectUnauthorized: false });
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (data) => {
      resolve(String(data));
      socket.close();
    });
    socket.on('error', reject);
  });
}

/** The status that a call ends with, in its trailers. */
function call(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://${address}`, { servername: name, rejectUnauthorized: false });
    session.on('error', reject);
    const headers = { ':path': '/s/m', ':method': 'POST', ':authority': name, te: 'trailers' };
    const stream = session.request({ ...headers, 'content-type': 'application/grpc' });
    stream.on('error', reject);
    let verdict = '';
    stream.on('response', (got) => (verdict = `http ${got[':status']}`));
    stream.on('trailers', (trailers) => (verdict = `grpc ${trailers['grpc-status']}`));
    stream.on('close', () => {
      session.close();
      resolve(verdict);
    });
    stream.resume();
    stream.end(Buffer.from([0, 0, 0, 0, 0]));
  });
}

/** The name in the certificate that is shown to whoever asks for this one. */
function shownTo(servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: address, port: 443, servername, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject?.CN ?? ''));
      socket.destroy();
    });
    socket.on('error', reject);
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

beforeAll(async () => {
  address = await box.address();
  web = createServer(echo);
  new WebSocketServer({ server: web }).on('connection', (socket) => {
    socket.on('message', (data) => socket.send(`you said ${data}`));
  });
  grpc = startGrpc();
  await Promise.all([listen(web), listen(grpc)]);
  await serveFromHere();
});

afterAll(async () => {
  await remove(...made);
  web.closeAllConnections();
  web.close();
  grpc.close();
});

describe('a Route carries', () => {
  it('WebSockets, plain and with TLS', async () => {
    await route('socket', { tls: { termination: 'edge', insecureEdgeTerminationPolicy: 'Allow' } });
    await untilServed('socket.test');
    const headers = { host: 'socket.test' };
    expect(await said(`ws://${address}/`, { headers })).toBe('you said hello');
    expect(await said(`wss://${address}/`, { headers, servername: 'socket.test' })).toBe('you said hello');
  });

  it('HTTP/2 with trailers, and so gRPC, to servers that speak it without TLS', async () => {
    await route('grpc', { port: { targetPort: 'grpc' }, tls: { termination: 'edge' } });
    await eventually(async () => (await call('grpc.test')) === 'grpc 0', { what: 'a call' });
  });

  it('headers as they were wished for, and who asked', async () => {
    const request = [{ name: 'X-Kind', action: { type: 'Set', set: { value: 'of "quoted" 100%%' } } }];
    const response = [{ name: 'X-Powered-By', action: { type: 'Delete' } }];
    await route('headers', { httpHeaders: { actions: { request, response } } });
    await untilServed('headers.test');
    const { headers, body } = await ask('headers.test');
    expect(headers.get('x-powered-by')).toBeNull();
    const seen = (JSON.parse(body) as { headers: { [name: string]: string } }).headers;
    expect([seen['x-kind'], seen['x-forwarded-proto'], seen['x-forwarded-host']]).toEqual([
      'of "quoted" 100%',
      'http',
      'headers.test',
    ]);
  });

  it('paths as they are rewritten', async () => {
    await route('rewrite', { path: '/shop' }, { 'haproxy.router.openshift.io/rewrite-target': '/store/v1' });
    const look = async () => (JSON.parse((await ask('rewrite.test', '/shop/a?b=c')).body) as { url: string }).url;
    await eventually(async () => (await look()) === '/store/v1/a?b=c', { what: 'another path' });
  });

  it('no more requests than its limit', async () => {
    const limits = { 'rate-limit-connections': 'true', 'rate-limit-connections.rate-http': '5' };
    const annotations = Object.entries(limits).map(([key, value]) => [`haproxy.router.openshift.io/${key}`, value]);
    await route('limited', {}, Object.fromEntries(annotations));
    await untilServed('limited.test');
    const salvo = () => Promise.all(Array.from({ length: 12 }, () => ask('limited.test')));
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
    const shown = async () => Promise.all([...hosts, 'three.tls.test'].map(shownTo));
    const right = async () => (await shown()).join() === 'one.tls.test,two.tls.test,quadshift-router';
    await eventually(right, { what: 'certificates by name' });
    expect((await ask('one.tls.test')).status).toBe(302);
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
    await eventually(async () => (await shownTo('far.test')) === 'far.test', { what: 'its own' });
    const { status } = await getObject<Route>('route', 'far');
    expect(status?.ingress?.[0]?.conditions?.[0]).toMatchObject({ type: 'Admitted', status: 'True' });
    await remove('rolebinding/router-reads');
    const isWithdrawn = async () => {
      const now = await getObject<Route>('route', 'far');
      const message = expect.stringContaining('router serviceaccount does not have permission to get this secret');
      expect(now.status?.ingress?.[0]?.conditions?.[0]).toMatchObject({ type: 'Admitted', status: 'False', message });
      expect(await shownTo('far.test')).toBe('quadshift-router');
    };
    await eventually(isWithdrawn, { what: 'the certificate to be taken back' });
  });
});
