import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probeGrpc } from './grpc-probe.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A real HTTP/2 server that is asked about a service and answers with bytes. */
async function serving(answer: (service: string, stream: ServerHttp2Stream) => void): Promise<number> {
  const server = createServer();
  server.on('session', (session) => open.push({ close: () => session.destroy() }));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const body = Buffer.concat(chunks);
      expect(body.readUInt32BE(1)).toBe(body.length - 5);
      expect(headers).toMatchObject({ ':path': '/grpc.health.v1.Health/Check', te: 'trailers', ':method': 'POST' });
      answer(body.subarray((body[6] ?? 0) < 0x80 ? 7 : 8).toString('utf8'), stream);
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function answerStatus(stream: ServerHttp2Stream, message: readonly number[]): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
}

const ask = (port: number, service = '', ms = 30_000) => probeGrpc({ host: '127.0.0.1', port, service }, ms);

describe('probeGrpc', () => {
  it('is satisfied by SERVING only, and says what the service said instead', async () => {
    const statuses: { readonly [service: string]: readonly number[] } = { good: [8, 1], bad: [8, 2], unknown: [] };
    const port = await serving((service, stream) => answerStatus(stream, statuses[service] ?? [8, 3]));
    expect(await ask(port, 'good')).toEqual({ result: 'success', message: 'service healthy' });
    expect(await ask(port, 'bad')).toEqual({
      result: 'failure',
      message: 'service unhealthy (responded with "NOT_SERVING")',
    });
    expect((await ask(port, 'unknown')).message).toBe('service unhealthy (responded with "UNKNOWN")');
    expect((await ask(port, 'x'.repeat(200))).message).toBe('service unhealthy (responded with "SERVICE_UNKNOWN")');
  });

  it('fails when the server answers without a message, not at all, or is not there', async () => {
    const refusing = await serving((_, stream) =>
      stream.respond({ ':status': 200, 'grpc-status': '12' }, { endStream: true }),
    );
    expect((await ask(refusing)).message).toMatch(/^error: health rpc probe failed: /);
    const silent = await serving(() => undefined);
    expect((await ask(silent, '', 200)).message).toBe('timeout: health rpc did not complete within 1s');
    expect((await ask(1, '', 2_000)).message).toBe(
      'timeout: failed to connect service "127.0.0.1:1" within 2s: context deadline exceeded',
    );
  });
});
