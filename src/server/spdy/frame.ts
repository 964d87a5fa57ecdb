/** Frames of SPDY/3.1 that are looked at; other control frames are passed over. */
export type Frame =
  | { readonly type: 'data'; readonly stream: number; readonly fin: boolean; readonly data: Buffer }
  | { readonly type: 'syn-stream'; readonly stream: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'rst-stream'; readonly stream: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway' }
  | { readonly type: 'other' };

const HEADER_BYTES = 8;
const VERSION = 3;
const FLAG_FIN = 1;
/** Larger frames end the session; clients send data in pieces of a few kilobytes. */
const MAX_FRAME_BYTES = 1024 * 1024;

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;

/** Cuts a byte stream into frames. Throws on what can't be SPDY/3.1. A frame that is cut off at the end is dropped. */
export async function* readFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let buffer: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    while (buffer.length >= HEADER_BYTES) {
      const length = buffer.readUIntBE(5, 3);
      if (length > MAX_FRAME_BYTES) throw new Error(`SPDY frame of ${length} bytes is too large`);
      if (buffer.length < HEADER_BYTES + length) break;
      yield parseFrame(buffer, length);
      buffer = buffer.subarray(HEADER_BYTES + length);
    }
  }
}

function parseFrame(buffer: Buffer, length: number): Frame {
  const first = buffer.readUInt32BE(0);
  const fin = (buffer.readUInt8(4) & FLAG_FIN) !== 0;
  const payload = buffer.subarray(HEADER_BYTES, HEADER_BYTES + length);
  if (first < 0x8000_0000) return { type: 'data', stream: first, fin, data: payload };
  const version = (first >>> 16) & 0x7fff;
  if (version !== VERSION) throw new Error(`SPDY version ${version} is not supported`);
  return parseControl(first & 0xffff, fin, payload);
}

function parseControl(type: number, fin: boolean, payload: Buffer): Frame {
  switch (type) {
    case SYN_STREAM:
      return { type: 'syn-stream', stream: payload.readUInt32BE(0) & 0x7fff_ffff, fin, block: payload.subarray(10) };
    case RST_STREAM:
      return { type: 'rst-stream', stream: payload.readUInt32BE(0) & 0x7fff_ffff };
    case PING:
      return { type: 'ping', id: payload.readUInt32BE(0) };
    case GOAWAY:
      return { type: 'goaway' };
    default:
      return { type: 'other' };
  }
}

/** A data frame. */
export function dataFrame(stream: number, data: Uint8Array, fin: boolean): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(stream, 0);
  header.writeUInt8(fin ? FLAG_FIN : 0, 4);
  header.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([header, data]);
}

/** SYN_REPLY: the stream is accepted. */
export function synReplyFrame(stream: number, block: Buffer): Buffer {
  return controlFrame(SYN_REPLY, Buffer.concat([uint32(stream), block]));
}

/** RST_STREAM with a status code; 5 is CANCEL. */
export function rstStreamFrame(stream: number, status: number): Buffer {
  return controlFrame(RST_STREAM, Buffer.concat([uint32(stream), uint32(status)]));
}

/** PING, sent back as it came. */
export function pingFrame(id: number): Buffer {
  return controlFrame(PING, uint32(id));
}

function controlFrame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(0x8000 | VERSION, 0);
  header.writeUInt16BE(type, 2);
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
