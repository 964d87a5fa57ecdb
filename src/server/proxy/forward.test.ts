import { once } from 'node:events';
import http, { type IncomingMessage, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../testdata/start-server.ts';

let api: TestServer;
let backend: Server;
const PROXY = '/api/v1/namespaces/default/pods/web/proxy';

async function answer(request: IncomingMessage): Promise<{ readonly type: string; readonly body: string }> {
  if (request.url === '/page') return { type: 'text/html; charset=utf-8', body: '<a href="/x">x</a>' };
  const { method, url, headers } = request;
  const secrets = [headers.authorization, headers['impersonate-user']];
  const seen = { method, url, body: await text(request), secrets, uri: headers['x-forwarded-uri'] };
  return { type: 'application/json', body: JSON.stringify(seen) };
}

beforeAll(async () => {
  backend = http.createServer(async (request, response) => {
    if (request.url === '/moved') {
      response.writeHead(302, { location: '/there', 'set-cookie': ['a=1', 'b=2'] }).end();
      return;
    }
    const { type, body } = await answer(request);
    response.writeHead(201, { 'content-type': type, 'access-control-allow-origin': '*' }).end(body);
  });
  backend.on('upgrade', (request, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const { port } = backend.address() as AddressInfo;
  api = await startServer({
    proxies: {
      pods: ({ name }) => ({ scheme: 'http', host: '127.0.0.1', port: name === 'dead' ? 1 : port }),
      nodes: () => ({
        site: async (path) => (path === '/healthz' ? { contentType: 'text/plain', body: 'ok' } : undefined),
      }),
    },
  });
});

afterAll(async () => {
  await api.close();
  backend.close();
});

test('every method goes on with path, query and body, and without credentials', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
    const headers = { authorization: 'Basic x', 'content-type': 'text/plain' };
    const got = await api.request(`${PROXY}/some/pa%20th?a=b`, { method, headers, ...(hasBody ? { body: 'hi' } : {}) });
    expect([got.status, got.json]).toEqual([
      201,
      {
        method,
        url: '/some/pa%20th?a=b',
        body: hasBody ? 'hi' : '',
        secrets: [null, null],
        uri: `${PROXY}/some/pa%20th`,
      },
    ]);
    expect(got.headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('links of pages and redirects lead through the proxy', async () => {
  const page = await api.request(`${PROXY}/page`);
  expect([page.text, page.headers['content-length']]).toEqual([
    `<a href="${PROXY}/x">x</a>`,
    String(PROXY.length + 18),
  ]);
  const moved = await api.request(`${PROXY}/moved`);
  expect([moved.status, moved.headers.location, moved.headers['set-cookie']]).toEqual([
    302,
    `${PROXY}/there`,
    ['a=1', 'b=2'],
  ]);
  const root = await api.request(PROXY);
  expect([root.status, root.headers.location]).toEqual([301, `${PROXY}/`]);
});

test('HEAD has headers and no body', async () => {
  const head = await api.request(`${PROXY}/page`, { method: 'HEAD' });
  expect([head.status, head.text, head.headers['content-type']]).toEqual([201, '', 'text/html; charset=utf-8']);
});

test('whom nobody answers is told so', async () => {
  const dead = await api.request('/api/v1/namespaces/default/pods/dead/proxy/');
  expect([dead.status, dead.json.reason]).toEqual([503, 'ServiceUnavailable']);
  expect(dead.json.message).toMatch(/^error trying to reach service: /);
});

test('what is answered here has its pages, and no others', async () => {
  const page = await api.request('/api/v1/nodes/me/proxy/healthz');
  expect([page.status, page.text]).toEqual([200, 'ok']);
  expect((await api.request('/api/v1/nodes/me/proxy/nothing')).status).toBe(404);
});

test('a connection that changes its protocol is handed over', async () => {
  const headers = { connection: 'Upgrade', upgrade: 'echo' };
  const request = https.request({ host: '127.0.0.1', port: api.port, path: `${PROXY}/ws`, headers, ...api.tls });
  request.end();
  const [response, socket] = await once(request, 'upgrade');
  expect([response.statusCode, response.headers.upgrade]).toEqual([101, 'echo']);
  socket.write('hello');
  const [data] = await once(socket, 'data');
  expect(String(data)).toBe('hello');
  socket.destroy();
});
