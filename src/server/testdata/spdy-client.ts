import https from 'node:https';
import type { Duplex } from 'node:stream';
import { dataFrame } from '../spdy/frame.ts';
import { createHeaderCompressor, type SpdyHeaders } from '../spdy/header-block.ts';
import type { TestServer } from './start-server.ts';

/** A SPDY/3.1 client of a few lines, independent of the server's reader. */
export async function connectSpdy(api: TestServer, path: string, headers: Record<string, string>) {
  const socket = await upgrade(api, path, headers);
  const compressor = createHeaderCompressor();
  const texts = new Map<number, string>();
  const ended = new Set<number>();
  const listeners = new Set<() => void>();
  let buffer = Buffer.alloc(0);
  let nextId = 1;
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      if (buffer.length < 8) break;
      const length = buffer.readUIntBE(5, 3);
      if (buffer.length < 8 + length) break;
      const id = buffer.readUInt32BE(0);
      if (id < 0x8000_0000) {
        texts.set(id, (texts.get(id) ?? '') + buffer.toString('utf8', 8, 8 + length));
        if (buffer.readUInt8(4) === 1) ended.add(id);
      }
      buffer = buffer.subarray(8 + length);
    }
    for (const wake of listeners) wake();
  });
  return {
    open: async (streamHeaders: SpdyHeaders): Promise<number> => {
      const id = nextId;
      nextId += 2;
      socket.write(synStream(id, await compressor.compress(streamHeaders)));
      return id;
    },
    send: (id: number, text: string, fin: boolean) => socket.write(dataFrame(id, Buffer.from(text), fin)),
    received: (id: number) => texts.get(id) ?? '',
    untilEnded: async (id: number): Promise<void> => {
      while (!ended.has(id)) await new Promise<void>((resolve) => listeners.add(resolve));
    },
    close: () => socket.destroy(),
  };
}

function synStream(id: number, block: Buffer): Buffer {
  const frame = Buffer.alloc(18);
  frame.writeUInt32BE(0x8003_0001, 0);
  frame.writeUIntBE(10 + block.length, 5, 3);
  frame.writeUInt32BE(id, 8);
  return Buffer.concat([frame, block]);
}

function upgrade(api: TestServer, path: string, headers: Record<string, string>): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = https.request({
      ...api.tls,
      host: '127.0.0.1',
      port: api.port,
      path,
      method: 'POST',
      headers: { ...headers, connection: 'Upgrade', upgrade: 'SPDY/3.1' },
    });
    request.once('upgrade', (_response, socket) => resolve(socket));
    request.once('response', (response) => reject(new Error(`refused with ${response.statusCode}`)));
    request.once('error', reject);
    request.end();
  });
}
