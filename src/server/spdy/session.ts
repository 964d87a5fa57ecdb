import { Duplex } from 'node:stream';
import { dataFrame, type Frame, pingFrame, readFrames, rstStreamFrame, synReplyFrame } from './frame.ts';
import {
  createHeaderCompressor,
  createHeaderDecompressor,
  type HeaderCompressor,
  type HeaderDecompressor,
  type SpdyHeaders,
} from './header-block.ts';

/** Streams that a client may have open at once. */
const MAX_STREAMS = 512;
/** What a stream holds back for a slow reader before the whole session waits for it. */
const STREAM_BUFFER_BYTES = 256 * 1024;
const DATA_PIECE_BYTES = 32 * 1024;
const CANCEL = 5;

/** A stream that the client has opened, with the headers that it sent. */
export class SpdyStream extends Duplex {
  readonly headers: SpdyHeaders;
  readonly #send: (data: Uint8Array, fin: boolean, done: () => void) => void;
  #resume = (): void => {};

  constructor(headers: SpdyHeaders, send: (data: Uint8Array, fin: boolean, done: () => void) => void) {
    super({ readableHighWaterMark: STREAM_BUFFER_BYTES });
    this.headers = headers;
    this.#send = send;
  }

  /** Takes in data; resolves when there is room for more. */
  receive(data: Buffer): Promise<void> {
    if (this.readableEnded || this.destroyed || this.push(data)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  override _read(): void {
    this.#resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (let at = DATA_PIECE_BYTES; at < chunk.length; at += DATA_PIECE_BYTES) {
      this.#send(chunk.subarray(at - DATA_PIECE_BYTES, at), false, () => {});
    }
    const rest = chunk.length === 0 ? 0 : Math.floor((chunk.length - 1) / DATA_PIECE_BYTES) * DATA_PIECE_BYTES;
    this.#send(chunk.subarray(rest), false, done);
  }

  override _final(done: () => void): void {
    this.#send(new Uint8Array(), true, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#resume();
    done(error);
  }
}

interface Session {
  readonly transport: Duplex;
  readonly streams: Map<number, SpdyStream>;
  readonly compressor: HeaderCompressor;
  readonly decompressor: HeaderDecompressor;
  readonly onStream: (stream: SpdyStream) => void;
}

/**
 * Serves SPDY/3.1 on a connection: every stream that the client opens is accepted and handed over. Resolves when
 * the connection has ended, however it did; then all streams are destroyed. Without flow control, as the clients
 * of Kubernetes have none: a slow stream holds back its session.
 */
export async function serveSpdy(transport: Duplex, onStream: (stream: SpdyStream) => void): Promise<void> {
  const session: Session = {
    transport,
    streams: new Map(),
    compressor: createHeaderCompressor(),
    decompressor: createHeaderDecompressor(),
    onStream,
  };
  try {
    for await (const frame of readFrames(transport)) {
      if (frame.type === 'goaway') break;
      await receiveFrame(session, frame);
    }
  } catch {
    // A broken or lying connection is just over.
  } finally {
    transport.destroy();
    for (const stream of session.streams.values()) stream.destroy();
    session.compressor.close();
    session.decompressor.close();
  }
}

async function receiveFrame(session: Session, frame: Frame): Promise<void> {
  switch (frame.type) {
    case 'data':
      return receiveData(session, frame);
    case 'syn-stream':
      return openStream(session, frame);
    case 'rst-stream':
      session.streams.get(frame.stream)?.destroy();
      return;
    case 'ping':
      // Even ids are answers to ours, of which there are none.
      if (frame.id % 2 === 1) session.transport.write(pingFrame(frame.id));
      return;
    case 'goaway':
    case 'other':
      return;
    default:
      return frame satisfies never;
  }
}

async function receiveData(session: Session, frame: Frame & { readonly type: 'data' }): Promise<void> {
  const stream = session.streams.get(frame.stream);
  if (stream === undefined) return;
  if (frame.data.length > 0) await stream.receive(frame.data);
  if (frame.fin && !stream.destroyed) stream.push(null);
}

async function openStream(session: Session, frame: Frame & { readonly type: 'syn-stream' }): Promise<void> {
  const { transport, streams } = session;
  const headers = await session.decompressor.decompress(frame.block);
  if (streams.size >= MAX_STREAMS || streams.has(frame.stream)) {
    transport.write(rstStreamFrame(frame.stream, CANCEL));
    return;
  }
  const stream = new SpdyStream(headers, (data, fin, done) => {
    if (!transport.writable) return done();
    if (data.length === 0 && !fin) return done();
    if (transport.write(dataFrame(frame.stream, data, fin))) return done();
    transport.once('drain', done);
  });
  streams.set(frame.stream, stream);
  stream.on('error', () => stream.destroy());
  stream.once('close', () => {
    const finished = stream.readableEnded && stream.writableFinished;
    if (streams.delete(frame.stream) && !finished && transport.writable) {
      transport.write(rstStreamFrame(frame.stream, CANCEL));
    }
  });
  transport.write(synReplyFrame(frame.stream, await session.compressor.compress({})));
  session.onStream(stream);
  if (frame.fin) stream.push(null);
}
