/**
 * As much of HTTP/2 and gRPC as one health check takes: node:http2 would cost the prober megabytes and a session per
 * probe. RFC 9113 (frames), RFC 7541 (HPACK, of which only literals are written and nothing is read).
 */

/** A frame of HTTP/2. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
}

/** Types of frames that say something here. */
export const FRAME = { data: 0, headers: 1, resetStream: 3, settings: 4, goAway: 7 } as const;

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const END_STREAM = 0x1;
const END_HEADERS = 0x4;
/** Indexes into HPACK's static table. */
const INDEXED_POST = 0x83;
const INDEXED_HTTP = 0x86;
const NAME = { authority: 1, path: 4, contentType: 31, userAgent: 58 } as const;

/** Everything that a client sends for one `grpc.health.v1.Health/Check`. */
export function healthRequest(authority: string, service: string, userAgent: string): Buffer {
  const headers = Buffer.concat([
    Buffer.from([INDEXED_POST, INDEXED_HTTP]),
    literal(NAME.path, '/grpc.health.v1.Health/Check'),
    literal(NAME.authority, authority),
    literal(NAME.contentType, 'application/grpc'),
    literal(NAME.userAgent, userAgent),
    literal('te', 'trailers'),
  ]);
  return Buffer.concat([
    Buffer.from(PREFACE, 'latin1'),
    frame(FRAME.settings, 0, { stream: 0, payload: Buffer.alloc(0) }),
    frame(FRAME.headers, END_HEADERS, { stream: 1, payload: headers }),
    frame(FRAME.data, END_STREAM, { stream: 1, payload: message(service) }),
  ]);
}

/** The whole frames at the beginning of what has come, and what is left. */
export function takeFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= 9) {
    const length = bytes.readUIntBE(at, 3);
    if (bytes.length - at < 9 + length) break;
    const payload = bytes.subarray(at + 9, at + 9 + length);
    frames.push({ type: bytes.readUInt8(at + 3), flags: bytes.readUInt8(at + 4), payload });
    at += 9 + length;
  }
  return { frames, rest: bytes.subarray(at) };
}

/** Whether a frame is the last one of its stream. */
export function endsStream({ type, flags }: Frame): boolean {
  return type === FRAME.resetStream || ((type === FRAME.headers || type === FRAME.data) && (flags & END_STREAM) !== 0);
}

/** `status` of a HealthCheckResponse in a gRPC message; undefined when there is no whole message. */
export function servingStatus(body: Buffer): number | undefined {
  if (body.length < 5 || body.length < 5 + body.readUInt32BE(1)) return undefined;
  const answer = body.subarray(5);
  // Field 1, a varint; left out when it is 0.
  return answer[0] === 0x08 ? answer[1] : 0;
}

function frame(
  type: number,
  flags: number,
  { stream, payload }: { readonly stream: number; readonly payload: Buffer },
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HealthCheckRequest { service = 1 } with gRPC's five bytes before it. */
function message(service: string): Buffer {
  const name = Buffer.from(service);
  const body = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** A header that isn't indexed, its name in full or by its place in the static table. */
function literal(name: string | number, value: string): Buffer {
  const key = typeof name === 'number' ? integer(name, 4) : Buffer.concat([Buffer.from([0]), text(name)]);
  return Buffer.concat([key, text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([integer(bytes.length, 7), bytes]);
}

/** HPACK's integer with a prefix of some bits. */
function integer(value: number, prefixBits: number): Buffer {
  const limit = 2 ** prefixBits - 1;
  if (value < limit) return Buffer.from([value]);
  return Buffer.concat([Buffer.from([limit]), varint(value - limit)]);
}

/** Seven bits at a time, the lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
