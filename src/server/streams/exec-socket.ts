import type { RawData, WebSocket } from 'ws';
import { demultiplex } from '../../streams/demultiplex.ts';
import type { ExecRequest, PodStreams } from '../../streams/pod-streams.ts';
import type { UpgradeConnection } from '../call.ts';
import { acceptWebSocket, sendOnChannel } from './accept-websocket.ts';
import type { Subprotocol } from './subprotocol.ts';

type Session = Awaited<ReturnType<PodStreams['exec']>>;

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** v5: the client has nothing more to send on the channel that the next byte names. */
const CLOSE = 255;

/** A process's session and the connection that its streams go over. */
export interface ExecConnection {
  readonly connection: UpgradeConnection;
  readonly protocol: Subprotocol;
  readonly request: ExecRequest;
  readonly session: Session;
}

/** Joins a process and a WebSocket until one of them ends. */
export function acceptExec(exec: ExecConnection): void {
  exec.connection.socket.once('close', () => exec.session.stream.destroy());
  exec.session.stream.on('error', () => exec.session.stream.destroy());
  acceptWebSocket(exec.connection, exec.protocol, (webSocket) => {
    webSocket.on('message', (data, isBinary) => receive(exec, webSocket, toBytes(data, isBinary)));
    webSocket.once('close', () => exec.session.stream.destroy());
    void sendOutput(exec, webSocket);
  });
}

function toBytes(data: RawData, isBinary: boolean): Buffer {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
  // Text messages of old clients name the channel by its digit.
  if (!isBinary && bytes[0] !== undefined && bytes[0] >= 0x30) bytes[0] -= 0x30;
  return bytes;
}

function receive({ request, session, protocol }: ExecConnection, webSocket: WebSocket, message: Buffer): void {
  const [channel] = message;
  const data = message.subarray(1);
  if (channel === STDIN && request.stdin && data.length > 0) {
    if (session.stream.writable && !session.stream.write(data)) pauseUntilDrained(session, webSocket);
  } else if (channel === RESIZE && session.tty) {
    const size = parseSize(data);
    // The process may be gone already; nobody is there to be told.
    if (size !== undefined) session.resize(size).catch(() => {});
  } else if (channel === CLOSE && protocol === 'v5.channel.k8s.io' && data[0] === STDIN) {
    session.stream.end();
  }
}

function pauseUntilDrained(session: Session, webSocket: WebSocket): void {
  webSocket.pause();
  session.stream.once('drain', () => webSocket.resume());
}

/** `remotecommand.TerminalSize`; undefined for nonsense. */
function parseSize(data: Buffer): { readonly width: number; readonly height: number } | undefined {
  try {
    const { Width: width, Height: height } = JSON.parse(data.toString('utf8')) as { Width?: unknown; Height?: unknown };
    const valid = [width, height].every((n) => Number.isInteger(n) && Number(n) > 0 && Number(n) <= 65_535);
    return valid ? { width: Number(width), height: Number(height) } : undefined;
  } catch {
    return undefined;
  }
}

/** Sends output as fast as the client takes it, then how the process ended. */
async function sendOutput(exec: ExecConnection, webSocket: WebSocket): Promise<void> {
  const { session, request } = exec;
  const lowest = request.stdout ? STDOUT : request.stderr ? STDERR : ERROR;
  await sendOnChannel(webSocket, lowest, new Uint8Array());
  try {
    for await (const { channel, data } of outputOf(session)) {
      const wanted = channel === STDOUT ? request.stdout : request.stderr;
      if (wanted) await sendOnChannel(webSocket, channel, data);
    }
    await sendEnd(exec, webSocket, statusOf(await session.exitCode()));
  } catch (error) {
    if (webSocket.readyState !== webSocket.OPEN) return;
    const message = error instanceof Error ? error.message : String(error);
    await sendEnd(exec, webSocket, { ...FAILURE, reason: 'InternalError', message, code: 500 });
  } finally {
    webSocket.close(1000);
  }
}

async function* outputOf(session: Session): AsyncGenerator<{ readonly channel: number; readonly data: Uint8Array }> {
  const chunks = session.stream as AsyncIterable<Uint8Array>;
  if (!session.tty) yield* demultiplex(chunks);
  else for await (const data of chunks) yield { channel: STDOUT, data };
}

const FAILURE = { metadata: {}, status: 'Failure' } as const;

/** How a process ended, in the kubelet's words. */
function statusOf(exitCode: number): EndStatus {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    ...FAILURE,
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

interface EndStatus {
  readonly metadata: object;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: object;
  readonly code?: number;
}

async function sendEnd({ protocol }: ExecConnection, webSocket: WebSocket, status: EndStatus): Promise<void> {
  const structured = protocol === 'v5.channel.k8s.io' || protocol === 'v4.channel.k8s.io';
  if (structured) await sendOnChannel(webSocket, ERROR, Buffer.from(JSON.stringify(status)));
  else if (status.status === 'Failure') await sendOnChannel(webSocket, ERROR, Buffer.from(status.message ?? ''));
}
