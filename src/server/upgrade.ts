import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { badRequest } from '../machinery/status-error.ts';
import type { Handler, TextAnswer } from './call.ts';
import { credentialsOf } from './credentials.ts';
import { answerError } from './errors.ts';
import type { Http } from './http.ts';
import type { Log } from './log.ts';
import { makeCall, newRequestId } from './make-call.ts';

/** What upgrades need beside the HTTP side. */
export interface UpgradeOptions {
  readonly handler: Handler;
  readonly log: Log;
}

/** Lets requests that ask for another protocol go through the same chain as all others. */
export function attachUpgrades(http: Http, options: UpgradeOptions): void {
  http.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    serveUpgrade(http, options, { request, socket, head }).catch((error: unknown) => {
      options.log.error({ path: request.url, err: error }, 'upgrade failed');
      socket.destroy();
    });
  });
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

async function serveUpgrade(http: Http, { handler, log }: UpgradeOptions, upgrade: Upgrade): Promise<void> {
  const { request, socket, head } = upgrade;
  const { signal, abort } = http.openSignal();
  socket.once('close', abort);
  const id = newRequestId();
  const subject = { id, method: request.method ?? 'GET', path: request.url ?? '/' };
  const { headers } = request;
  const credentials = credentialsOf(socket as TLSSocket, headers.authorization, http.certificates);
  const raw = { method: subject.method, url: subject.path, headers, body: new Uint8Array() };
  const refuse = (error: unknown): void => writeRefusal(socket, answerError(error, subject, log), id);
  try {
    const answer = await handler(makeCall({ ...raw, credentials, signal, wantsUpgrade: true }, id));
    if (answer.kind === 'upgrade') answer.accept({ request, socket, head, id });
    else if (answer.kind === 'text') writeRefusal(socket, answer, id);
    else refuse(badRequest('this request cannot be upgraded'));
  } catch (error) {
    refuse(error);
  }
}

/** An ordinary response on the connection that was to be upgraded; the connection ends with it. */
function writeRefusal(socket: Duplex, { status, contentType, body }: TextAnswer, id: string): void {
  const head = [
    `HTTP/1.1 ${status} ${status < 400 ? 'OK' : 'Error'}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Audit-Id: ${id}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
