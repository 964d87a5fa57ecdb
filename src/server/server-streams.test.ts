import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Pod } from '../kinds/types.ts';
import { connectSpdy } from './testdata/spdy-client.ts';
import { kindOf, startServer, type TestServer } from './testdata/start-server.ts';

let api: TestServer;
const POD = '/api/v1/namespaces/default/pods/web';
const PODMAN_NAME = 'qs-default_web_main';

beforeAll(async () => {
  api = await startServer();
  const pods = kindOf(api.registry, '', 'pods');
  const key = { namespace: 'default', name: 'web' };
  const spec = { containers: [{ name: 'main', image: 'x' }] };
  await api.registry.create(pods, { metadata: { name: 'web' }, spec }, { namespace: 'default' });
  const status = {
    phase: 'Running',
    podIP: '127.0.0.1',
    containerStatuses: [
      {
        name: 'main',
        image: 'x',
        imageID: '',
        ready: true,
        restartCount: 0,
        containerID: 'podman://one',
        state: { running: {} },
        lastState: {},
      },
    ],
  };
  await api.registry.modify<Pod>(pods, key, (pod) => ({ ...pod, status }), { subresource: 'status' });
  api.podman.setContainer({ name: PODMAN_NAME, id: 'one' });
  api.podman.onExec(async ({ command, stdin, stdout, stderr, size }) => {
    if (command[0] === 'fail') {
      stderr('oops');
      return 7;
    }
    for await (const chunk of stdin) {
      if (String(chunk) === 'size') stdout(`${size().width}x${size().height}`);
      else stdout(`<${chunk}>`);
    }
    return 0;
  });
});

afterAll(async () => {
  await api.close();
  expect(api.errors).toEqual([]);
});

/** Opens a WebSocket; what comes in is collected by channel. */
async function openSocket(path: string, protocol: string) {
  const socket = new WebSocket(`wss://127.0.0.1:${api.port}${path}`, [protocol], api.tls);
  const channels = new Map<number, string>();
  const changed = new Set<() => void>();
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? -1;
    channels.set(channel, (channels.get(channel) ?? '') + data.toString('utf8', 1));
    for (const wake of changed) wake();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const until = async (channel: number, text: string): Promise<void> => {
    while (channels.get(channel) !== text) await new Promise<void>((resolve) => changed.add(resolve));
  };
  return { socket, channels, closed, until };
}

test('exec over a WebSocket carries stdin, its end, output and success', async () => {
  const query = 'command=cat&stdin=true&stdout=true&stderr=true';
  const { socket, channels, closed, until } = await openSocket(`${POD}/exec?${query}`, 'v5.channel.k8s.io');
  expect(socket.protocol).toBe('v5.channel.k8s.io');
  socket.send(Buffer.from('\x00hello'));
  await until(1, '<hello>');
  socket.send(Buffer.from([255, 0]));
  expect(await closed).toBe(1000);
  expect(JSON.parse(channels.get(3) ?? '')).toEqual({ metadata: {}, status: 'Success' });
});

test('exec reports a failing command with its exit code', async () => {
  const { channels, closed } = await openSocket(`${POD}/exec?command=fail&stderr=true`, 'v4.channel.k8s.io');
  await closed;
  expect(channels.get(2)).toBe('oops');
  expect(JSON.parse(channels.get(3) ?? '')).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '7' }] },
  });
});

test('a terminal is resized through its channel', async () => {
  const query = 'command=sh&stdin=true&stdout=true&tty=true';
  const { socket, until } = await openSocket(`${POD}/exec?${query}`, 'v5.channel.k8s.io');
  socket.send(Buffer.from('\x04{"Width":120,"Height":40}'));
  socket.send(Buffer.from('\x04nonsense'));
  socket.send(Buffer.from('\x00size'));
  await until(1, '120x40');
  socket.terminate();
});

test('what cannot be run is refused before the upgrade, with a Status', async () => {
  const refusal = async (path: string): Promise<string> => {
    const socket = new WebSocket(`wss://127.0.0.1:${api.port}${path}`, ['v5.channel.k8s.io'], api.tls);
    return new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => {
        response.setEncoding('utf8').on('data', (text: string) => resolve(JSON.parse(text).message));
      });
      socket.on('error', () => {});
    });
  };
  expect(await refusal(`${POD}/exec?command=x&stdout=1&container=other`)).toBe(
    'container other is not valid for pod web',
  );
  expect(await refusal(`${POD}/exec?command=x`)).toBe('you must specify at least 1 of stdin, stdout, stderr');
  expect(await refusal('/api/v1/namespaces/default/pods/none/exec?command=x&stdout=1')).toBe('pods "none" not found');
});

test('exec works over plain SPDY too', async () => {
  const path = `${POD}/exec?command=cat&stdin=true&stdout=true`;
  const client = await connectSpdy(api, path, { 'x-stream-protocol-version': 'v4.channel.k8s.io' });
  const error = await client.open({ streamtype: 'error' });
  const stdin = await client.open({ streamtype: 'stdin' });
  const stdout = await client.open({ streamtype: 'stdout' });
  client.send(stdin, 'abc', true);
  await client.untilEnded(error);
  expect([client.received(stdout), client.received(error)]).toEqual(['<abc>', '{"metadata":{},"status":"Success"}']);
  client.close();
});

test('port-forward carries connections and says why one fails', async () => {
  const echo = createTcpServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const { port } = echo.address() as AddressInfo;
  const client = await connectSpdy(api, `${POD}/portforward`, { 'x-stream-protocol-version': 'portforward.k8s.io' });
  const headers = { port: String(port), requestid: '1' };
  const error = await client.open({ ...headers, streamtype: 'error' });
  const data = await client.open({ ...headers, streamtype: 'data' });
  const text = 'x'.repeat(100_000);
  client.send(data, text, true);
  await client.untilEnded(data);
  await client.untilEnded(error);
  expect([client.received(data) === text, client.received(error)]).toEqual([true, '']);
  echo.close();
  const refused = await client.open({ port: '1', requestid: '2', streamtype: 'error' });
  await client.open({ port: '1', requestid: '2', streamtype: 'data' });
  await client.untilEnded(refused);
  expect(client.received(refused)).toBe('error forwarding port 1: failed to connect to 127.0.0.1:1 of pod web');
  client.close();
});

test('logs are plain text, and refused with a Status', async () => {
  const now = Date.now() * 1000;
  api.journal.append('one', { CONTAINER_NAME: PODMAN_NAME, CONTAINER_ID_FULL: 'one', PRIORITY: '6' }, now);
  api.journal.append('two', { CONTAINER_NAME: PODMAN_NAME, CONTAINER_ID_FULL: 'one', PRIORITY: '3' }, now + 1);
  const logs = await api.request(`${POD}/log`);
  expect([logs.status, logs.headers['content-type'], logs.text]).toEqual([200, 'text/plain', 'one\ntwo\n']);
  expect((await api.request(`${POD}/log?tailLines=1`)).text).toBe('two\n');
  const refused = await api.request(`${POD}/log?previous=true`);
  expect(refused.json.message).toBe('previous terminated container "main" in pod "web" not found');
  expect((await api.request(`${POD}/log?tailLines=-1`)).json.message).toBe(
    'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  );
});

test('logs come over a WebSocket too, as bytes or as base64, and of one stream only', async () => {
  const read = async (query: string, protocol: string): Promise<string> => {
    const socket = new WebSocket(`wss://127.0.0.1:${api.port}${POD}/log?${query}`, [protocol], api.tls);
    const messages: string[] = [];
    socket.on('message', (data: Buffer) => messages.push(data.toString('utf8')));
    await new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject));
    return messages.join('');
  };
  expect(await read('', 'binary.k8s.io')).toBe('one\ntwo\n');
  expect(Buffer.from(await read('stream=Stderr', 'base64.binary.k8s.io'), 'base64').toString('utf8')).toBe('two\n');
});
