import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { SPDY_DICTIONARY } from './dictionary.ts';

/** Headers by lower-case name. */
export type SpdyHeaders = { readonly [name: string]: string };

/** A header block beyond this size when unpacked ends the session. */
const MAX_BLOCK_BYTES = 64 * 1024;

/** One direction's compressor: all blocks of a session go through one zlib stream. */
export interface HeaderCompressor {
  compress(headers: SpdyHeaders): Promise<Buffer>;
  close(): void;
}

/** The other direction. */
export interface HeaderDecompressor {
  /** Rejects when the block is malformed or too large. Call for one block at a time. */
  decompress(block: Buffer): Promise<SpdyHeaders>;
  close(): void;
}

/** Compressor for the blocks that we send. */
export function createHeaderCompressor(): HeaderCompressor {
  const deflate = createDeflate({ dictionary: SPDY_DICTIONARY });
  return { compress: (headers) => pass(deflate, encodePairs(headers)), close: () => deflate.close() };
}

/** Decompressor for the blocks that we receive. */
export function createHeaderDecompressor(): HeaderDecompressor {
  const inflate = createInflate({ dictionary: SPDY_DICTIONARY });
  return {
    decompress: async (block) => decodePairs(await pass(inflate, block)),
    close: () => inflate.close(),
  };
}

/** Sends bytes through a zlib stream and flushes it, so that its output is complete. */
function pass(stream: Deflate | Inflate, input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const collect = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BLOCK_BYTES) finish(new Error('SPDY header block is too large'));
    };
    const finish = (error?: Error): void => {
      stream.off('data', collect);
      stream.off('error', finish);
      if (error === undefined) resolve(Buffer.concat(chunks));
      else reject(error);
    };
    stream.on('data', collect);
    stream.once('error', finish);
    stream.write(input);
    stream.flush(constants.Z_SYNC_FLUSH, () => setImmediate(finish));
  });
}

function encodePairs(headers: SpdyHeaders): Buffer {
  const entries = Object.entries(headers);
  return Buffer.concat([uint32(entries.length), ...entries.flatMap(([name, value]) => [text(name), text(value)])]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function decodePairs(block: Buffer): SpdyHeaders {
  const count = block.readUInt32BE(0);
  const headers: Record<string, string> = Object.create(null);
  let at = 4;
  const read = (): string => {
    const length = block.readUInt32BE(at);
    at += 4 + length;
    if (at > block.length) throw new Error('SPDY header block is cut off');
    return block.toString('utf8', at - length, at);
  };
  for (let index = 0; index < count; index++) {
    const name = read().toLowerCase();
    headers[name] = read();
  }
  return headers;
}
