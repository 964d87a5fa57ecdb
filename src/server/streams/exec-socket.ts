import type { RawData, WebSocket } from 'ws';
import type { ExecRequest } from '../../streams/pod-streams.ts';
import type { UpgradeConnection } from '../call.ts';
import { acceptWebSocket, sendOnChannel } from './accept-websocket.ts';
import {
  CHANNEL,
  type EndStatus,
  endMessage,
  outputOf,
  type ProcessSession,
  resizeProcess,
  statusOfExit,
  statusOfFailure,
} from './process.ts';

/** v5: the client has nothing more to send on the channel that the next byte names. */
const CLOSE = 255;

/** A process's session and the connection that its streams go over. */
export interface ExecConnection {
  readonly connection: UpgradeConnection;
  readonly protocol: string;
  readonly request: ExecRequest;
  readonly session: ProcessSession;
}

/** Joins a process and a WebSocket until one of them ends. */
export function acceptExec(exec: ExecConnection): void {
  const { stream } = exec.session;
  exec.connection.socket.once('close', () => stream.destroy());
  stream.on('error', () => stream.destroy());
  acceptWebSocket(exec.connection, exec.protocol, (webSocket) => {
    webSocket.on('message', (data, isBinary) => receive(exec, webSocket, toBytes(data, isBinary)));
    webSocket.once('close', () => stream.destroy());
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
  const { stream } = session;
  if (channel === CHANNEL.stdin && request.stdin && data.length > 0) {
    if (stream.writable && !stream.write(data)) pauseUntilDrained(session, webSocket);
  } else if (channel === CHANNEL.resize) {
    resizeProcess(session, data.toString('utf8'));
  } else if (channel === CLOSE && protocol === 'v5.channel.k8s.io' && data[0] === CHANNEL.stdin) {
    stream.end();
  }
}

function pauseUntilDrained(session: ProcessSession, webSocket: WebSocket): void {
  webSocket.pause();
  session.stream.once('drain', () => webSocket.resume());
}

/** Sends output as fast as the client takes it, then how the process ended. */
async function sendOutput(exec: ExecConnection, webSocket: WebSocket): Promise<void> {
  const { session, request } = exec;
  const lowest = request.stdout ? CHANNEL.stdout : request.stderr ? CHANNEL.stderr : CHANNEL.error;
  await sendOnChannel(webSocket, lowest, new Uint8Array());
  try {
    for await (const { channel, data } of outputOf(session)) {
      const wanted = channel === CHANNEL.stdout ? request.stdout : request.stderr;
      if (wanted) await sendOnChannel(webSocket, channel, data);
    }
    await sendEnd(exec, webSocket, statusOfExit(await session.exitCode()));
  } catch (error) {
    if (webSocket.readyState === webSocket.OPEN) await sendEnd(exec, webSocket, statusOfFailure(error));
  } finally {
    webSocket.close(1000);
  }
}

async function sendEnd({ protocol }: ExecConnection, webSocket: WebSocket, status: EndStatus): Promise<void> {
  const message = endMessage(protocol, status);
  if (message !== '') await sendOnChannel(webSocket, CHANNEL.error, Buffer.from(message));
}
