import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakePodman } from '../host/fake-podman.ts';
import type { FakeProcess } from '../host/fake-process.ts';
import { probeExec } from './exec-probe.ts';
import { probeHttp } from './http-probe.ts';
import { probeTcp } from './tcp-probe.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const http = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> =>
  listening(createServer(answer));
const get = (port: number, path = '/healthz', headers: readonly { name: string; value: string }[] = [], ms = 30_000) =>
  probeHttp({ type: 'http', scheme: 'HTTP', host: '127.0.0.1', port, path, headers }, ms);
const soon = (): AbortSignal => AbortSignal.timeout(30_000);
const free = async (): Promise<number> => {
  const server = createTcpServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
};

describe('probeHttp', () => {
  it('is satisfied by 200 to 399 only', async () => {
    const port = await http((request, response) => void response.writeHead(Number(request.url?.slice(1))).end('body'));
    const results = await Promise.all(
      [200, 204, 301, 399, 400, 404, 500, 503].map((status) => get(port, `/${status}`)),
    );
    expect(results.map((one) => one.result)).toEqual([...Array(4).fill('success'), ...Array(4).fill('failure')]);
    expect(results[6]?.message).toBe('HTTP probe failed with statuscode: 500');
  });

  it('asks as the kubelet does, with the headers of the manifest', async () => {
    let seen: IncomingMessage | undefined;
    const port = await http((request, response) => {
      seen = request;
      response.end();
    });
    await get(port, '/a?b=c', [
      { name: 'Host', value: 'shop.example' },
      { name: 'X-Test', value: 'a\r\nX-Evil: 1' },
    ]);
    expect(seen?.url).toBe('/a?b=c');
    expect(seen?.headers).toMatchObject({
      host: 'shop.example',
      accept: '*/*',
      connection: 'close',
      'x-test': 'aX-Evil: 1',
    });
    expect(seen?.headers['user-agent']).toMatch(/^kube-probe\//);
    expect(seen?.headers['x-evil']).toBeUndefined();
  });

  it('follows redirects on the same host, not to others, not for ever', async () => {
    const places: { readonly [path: string]: string } = {
      '/a': '/b',
      '/away': 'http://elsewhere.invalid/',
      '/loop': '/loop',
    };
    const port = await http((request, response) => {
      const location = places[request.url ?? ''];
      if (location === undefined) response.writeHead(request.url === '/b' ? 500 : 200).end();
      else response.writeHead(302, { location }).end();
    });
    expect(await get(port, '/a')).toEqual({ result: 'failure', message: 'HTTP probe failed with statuscode: 500' });
    expect((await get(port, '/away')).result).toBe('success');
    expect((await get(port, '/loop')).message).toMatch(/stopped after 10 redirects/);
  });

  it('fails in time, in the words of the kubelet', async () => {
    const port = await http(() => undefined);
    expect(await get(port, '/slow', [], 100)).toEqual({
      result: 'failure',
      message: `Get "http://127.0.0.1:${port}/slow": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    });
    const nobody = await free();
    expect((await get(nobody)).message).toBe(
      `Get "http://127.0.0.1:${nobody}/healthz": dial tcp 127.0.0.1:${nobody}: connect: connection refused`,
    );
  });

  it('skips interim answers and refuses what is not HTTP', async () => {
    const answer = (text: string): Promise<number> =>
      listening(createTcpServer((socket) => void socket.on('error', () => undefined).end(text)));
    expect((await get(await answer('HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'))).result).toBe(
      'success',
    );
    expect((await get(await answer('SSH-2.0-OpenSSH\r\n\r\n'))).message).toMatch(/malformed HTTP response/);
    expect((await get(await answer(''))).result).toBe('failure');
  });
});

describe('probeTcp', () => {
  it('succeeds when the port takes a connection', async () => {
    const port = await listening(createTcpServer((socket) => void socket.on('error', () => undefined)));
    expect((await probeTcp({ host: '127.0.0.1', port }, 30_000)).result).toBe('success');
    const nobody = await free();
    expect(await probeTcp({ host: '127.0.0.1', port: nobody }, 30_000)).toEqual({
      result: 'failure',
      message: `dial tcp 127.0.0.1:${nobody}: connect: connection refused`,
    });
  });
});

describe('a process that is held up', () => {
  /** As if others had the processor. */
  const holdUp = (ms: number): void => {
    for (const until = performance.now() + ms; performance.now() < until; );
  };

  it('does not take its own delay for that of whom it asks', async () => {
    const port = await http((_, response) => void response.end());
    const probes = [get(port, '/', [], 150), probeTcp({ host: '127.0.0.1', port }, 150)];
    holdUp(600);
    expect((await Promise.all(probes)).map(({ result }) => result)).toEqual(['success', 'success']);
  });
});

describe('probeExec', () => {
  const podman = createFakePodman();
  podman.setContainer({ name: 'web' });
  const exec = (process: FakeProcess, ms = 30_000) => {
    podman.onExec(process);
    return probeExec(podman, { container: 'web', command: ['check', 'a b; c'] }, AbortSignal.timeout(ms));
  };

  it('goes by the exit status and passes the vector on as it is', async () => {
    const fine: FakeProcess = async ({ stdout }) => {
      stdout('fine\n');
      return 0;
    };
    expect(await exec(fine)).toEqual({ result: 'success', message: 'fine\n' });
    const bad: FakeProcess = async ({ command, stdout, stderr }) => {
      stdout(`${command.join('|')} `);
      stderr('is bad');
      return 3;
    };
    expect(await exec(bad)).toEqual({ result: 'failure', message: 'check|a b; c is bad' });
  });

  it('learns nothing when there is no such container', async () => {
    await expect(probeExec(podman, { container: 'none', command: ['true'] }, soon())).rejects.toThrow(/none/);
  });

  it('fails when time is up', async () => {
    const never: FakeProcess = () => new Promise(() => undefined);
    expect(await exec(never, 100)).toEqual({ result: 'failure', message: 'command timed out: "check a b; c"' });
  });
});
