import { once } from 'node:events';
import { type SpdyStream, serveSpdy } from '../spdy/session.ts';
import { acceptSpdy } from './accept-spdy.ts';
import type { ExecConnection } from './exec-socket.ts';
import { CHANNEL, endMessage, outputOf, resizeProcess, statusOfExit, statusOfFailure } from './process.ts';

/** How long a client may take to open its streams. */
const STREAMS_TIMEOUT_MS = 30_000;

type Streams = Map<string, SpdyStream>;

/** Joins a process and the streams of a SPDY connection, one per channel, until one of them ends. */
export function acceptExecSpdy(exec: ExecConnection): void {
  const { session } = exec;
  session.stream.on('error', () => session.stream.destroy());
  const transport = acceptSpdy(exec.connection, exec.protocol);
  const expected = expectedStreams(exec);
  const streams: Streams = new Map();
  const late = setTimeout(() => transport.destroy(), STREAMS_TIMEOUT_MS);
  const served = serveSpdy(transport, (stream) => {
    const type = stream.headers['streamtype'] ?? '';
    if (!expected.has(type) || streams.has(type)) {
      stream.destroy();
      return;
    }
    streams.set(type, stream);
    if (streams.size < expected.size) return;
    clearTimeout(late);
    void run(exec, streams).finally(() => transport.end());
  });
  void served.finally(() => {
    clearTimeout(late);
    session.stream.destroy();
  });
}

function expectedStreams({ request, protocol }: ExecConnection): ReadonlySet<string> {
  const { stdin, stdout, stderr, tty } = request;
  const resizable = tty && (protocol === 'v4.channel.k8s.io' || protocol === 'v3.channel.k8s.io');
  const wanted: readonly (readonly [string, boolean])[] = [
    ['error', true],
    ['stdin', stdin],
    ['stdout', stdout],
    ['stderr', stderr && !tty],
    ['resize', resizable],
  ];
  return new Set(wanted.filter(([, needed]) => needed).map(([name]) => name));
}

async function run({ session, protocol }: ExecConnection, streams: Streams): Promise<void> {
  streams.get('stdin')?.pipe(session.stream);
  streams.get('resize')?.on('data', (data: Buffer) => resizeProcess(session, data.toString('utf8')));
  const status = await copyOutput(session, streams);
  const error = streams.get('error');
  error?.end(endMessage(protocol, status));
  for (const stream of streams.values()) {
    stream.end();
    stream.resume();
  }
  if (error !== undefined && !error.writableFinished) await once(error, 'finish').catch(() => {});
}

async function copyOutput(session: ExecConnection['session'], streams: Streams) {
  try {
    for await (const { channel, data } of outputOf(session)) {
      const target = streams.get(channel === CHANNEL.stdout ? 'stdout' : 'stderr');
      if (target?.writable) await written(target, data);
    }
    return statusOfExit(await session.exitCode());
  } catch (error) {
    return statusOfFailure(error);
  }
}

/** Resolves when the connection has taken the data, or won't any more. */
function written(stream: SpdyStream, data: Uint8Array): Promise<void> {
  return new Promise((resolve) => stream.write(data, () => resolve()));
}
