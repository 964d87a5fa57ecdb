import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import type { Call, StreamAnswer, TextAnswer } from './call.ts';
import { warningHeaders } from './warning-header.ts';

const compress = promisify(gzip);
/** Smaller bodies cost more to compress than to send. */
const GZIP_FROM_BYTES = 128 * 1024;
/** How long a client may leave its connection full before it is cut off. */
const STALL_MS = 60_000;

/** Sends a complete answer: pretty-printed and compressed as the client likes it. */
export async function writeText(call: Call, answer: TextAnswer, reply: FastifyReply): Promise<void> {
  const body = wantsPretty(call, answer) ? prettyPrint(answer.body) : answer.body;
  const headers = { ...commonHeaders(call.id, answer.warnings), ...answer.headers, 'content-type': answer.contentType };
  const bytes = Buffer.from(body);
  const zipped = bytes.length >= GZIP_FROM_BYTES && /\bgzip\b/.test(String(call.headers['accept-encoding'] ?? ''));
  const payload = zipped ? await compress(bytes, { level: constants.Z_BEST_SPEED }) : bytes;
  reply.code(answer.status).headers(headers);
  if (zipped) reply.header('content-encoding', 'gzip').header('vary', 'Accept-Encoding');
  if (answer.status === 304) reply.removeHeader('content-type');
  await reply.send(call.method === 'HEAD' || answer.status === 304 ? undefined : payload);
}

/** Headers of every answer. */
export function commonHeaders(id: string, warnings: readonly string[] = []): Record<string, string | string[]> {
  const encoded = warningHeaders(warnings);
  return {
    'audit-id': id,
    'cache-control': 'no-cache, private',
    ...(encoded.length === 0 ? {} : { warning: [...encoded] }),
  };
}

/**
 * Sends a stream chunk by chunk, never ahead of the client: the next one is asked for when the connection has
 * room. A client that doesn't read for a minute is cut off.
 */
export async function writeStream(call: Call, answer: StreamAnswer, reply: FastifyReply): Promise<void> {
  const { raw } = reply;
  reply.hijack();
  const common = commonHeaders(call.id, answer.warnings);
  const type = answer.contentType === '' ? {} : { 'content-type': answer.contentType };
  raw.writeHead(answer.status ?? 200, { ...common, ...answer.headers, ...type } as OutgoingHttpHeaders);
  raw.flushHeaders();
  if (call.method === 'HEAD') {
    raw.end();
    return;
  }
  for await (const chunk of answer.chunks) {
    if (call.signal.aborted) return;
    if (!raw.write(chunk)) await drained(call, reply);
  }
  raw.end();
}

async function drained(call: Call, reply: FastifyReply): Promise<void> {
  const stalled = setTimeout(() => reply.raw.destroy(), STALL_MS);
  try {
    await once(reply.raw, 'drain', { signal: call.signal });
  } catch {
    // The client has gone; the loop sees the signal.
  } finally {
    clearTimeout(stalled);
  }
}

/** `pretty` in the query, else what a person's tools are known by, as apiserver decides it. */
function wantsPretty(call: Call, answer: TextAnswer): boolean {
  if (!answer.contentType.startsWith('application/json') || answer.body === '') return false;
  const asked = call.query.get('pretty');
  if (asked !== null) return asked !== '0' && asked !== 'false';
  return /^(curl|Wget|Mozilla\/5\.0)/.test(String(call.headers['user-agent'] ?? ''));
}

function prettyPrint(body: string): string {
  return `${JSON.stringify(JSON.parse(body), null, 2)}\n`;
}
