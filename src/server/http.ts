import type { Http2SecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { badRequest, requestEntityTooLarge, StatusError } from '../machinery/status-error.ts';
import type { Call, Handler } from './call.ts';
import { type CertificateCache, credentialsOf } from './credentials.ts';
import { answerError, wrongMethod } from './errors.ts';
import type { Log } from './log.ts';
import { makeCall, newRequestId, type RawRequest } from './make-call.ts';
import { commonHeaders, writeStream, writeText } from './write-answer.ts';

/** Largest request body, as apiserver's default. */
const BODY_LIMIT = 3 * 1024 * 1024;
const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;
/**
 * Milliseconds that an idle HTTP/1.1 connection is kept, as upstream keeps it: longer than clients do, so that none of
 * them sends a request into a connection that is just being closed.
 */
const HTTP1 = { keepAliveTimeout: 90_000 };
/** HTTP/2 streams that one connection may have open. */
const MAX_STREAMS = 1000;

/** Certificates, PEM: our own with its key, and the authority that signs clients' ones. */
export interface TlsMaterial {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** The HTTP side of the server: connections in, calls to the handler, answers out. */
export interface Http {
  readonly server: Http2SecureServer;
  readonly certificates: CertificateCache;
  /** Aborts with the server, or with the returned function: for one request. */
  readonly openSignal: () => { readonly signal: AbortSignal; readonly abort: () => void };
  listen(on: { readonly fd: number } | { readonly host?: string; readonly port: number }): Promise<void>;
  close(): Promise<void>;
}

/** What the HTTP side needs. */
export interface HttpOptions {
  readonly handler: Handler;
  readonly tls: TlsMaterial;
  readonly log: Log;
}

type App = ReturnType<typeof createApp>;

function createApp(tls: TlsMaterial, log: Log) {
  return fastify({
    http2: true,
    https: {
      ...tls,
      ...HTTP1,
      allowHTTP1: true,
      requestCert: true,
      // Whoever comes without a certificate of ours is anonymous, not cut off.
      rejectUnauthorized: false,
      settings: { maxConcurrentStreams: MAX_STREAMS },
    },
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) =>
      sendError(error, request as unknown as FastifyRequest, reply as unknown as FastifyReply, log),
  });
}

/** Makes the HTTPS server (HTTP/2 and 1.1) without listening yet. */
export function createHttp(options: HttpOptions): Http {
  const { log } = options;
  const app = createApp(options.tls, log);
  const signals = new Set<AbortController>();
  const sockets = trackSockets(app.server);
  const http: Http = {
    server: app.server,
    certificates: new WeakMap(),
    openSignal: () => openSignal(signals),
    listen: async (on) => {
      await app.listen(('fd' in on ? { fd: on.fd, host: '::' } : { host: '::', ...on }) as { port: number });
    },
    close: async () => {
      for (const controller of signals) controller.abort();
      for (const socket of sockets) socket.destroySoon();
      await app.close();
    },
  };
  readBodies(app);
  app.all('*', (request, reply) =>
    serve(http, options, request as unknown as FastifyRequest, reply as unknown as FastifyReply),
  );
  app.setNotFoundHandler((request, reply) =>
    sendError(wrongMethod(), request as unknown as FastifyRequest, reply as unknown as FastifyReply, log),
  );
  app.setErrorHandler((error, request, reply) =>
    sendError(error, request as unknown as FastifyRequest, reply as unknown as FastifyReply, log),
  );
  return http;
}

/**
 * Bodies are bytes: what they mean is the verb's business. One without a type is read too (an HTTP/2 stream needn't
 * say its length beforehand, and the framework would take it for absent): it is JSON, as upstream takes it.
 */
function readBodies(app: App): void {
  app.addHook('onRequest', (request, _reply, done) => {
    // The framework refuses what doesn't look like a media type; the verb has the better words for it.
    const type = request.raw.headers['content-type'];
    if (!type) request.raw.headers['content-type'] = 'application/json';
    else if (!MEDIA_TYPE.test(type)) request.raw.headers['content-type'] = 'unknown/unknown';
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function trackSockets(server: Http2SecureServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

function openSignal(open: Set<AbortController>): ReturnType<Http['openSignal']> {
  const controller = new AbortController();
  open.add(controller);
  const abort = (): void => {
    open.delete(controller);
    controller.abort();
  };
  return { signal: controller.signal, abort };
}

async function serve(http: Http, options: HttpOptions, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { signal, abort } = http.openSignal();
  reply.raw.once('close', abort);
  const id = newRequestId();
  try {
    await answer(makeCall(rawRequest(http, request, signal), id), options, reply);
  } catch (error) {
    if (!reply.raw.headersSent) return sendError(error, request, reply, options.log);
    // The answer had begun: all that is left is to break it off so that the client notices.
    if (!signal.aborted) options.log.error({ requestId: id, path: request.url, err: error }, 'answer broke off');
    reply.raw.destroy();
  }
}

async function answer(call: Call, { handler, log }: HttpOptions, reply: FastifyReply): Promise<void> {
  const made = await handler(call);
  if (made.kind === 'text') return writeText(call, made, reply);
  if (made.kind === 'stream') return writeStream(call, made, reply);
  return writeText(call, answerError(badRequest('Upgrade request required'), call, log), reply);
}

function rawRequest(http: Http, request: FastifyRequest, signal: AbortSignal): RawRequest {
  const { method, headers, body } = request;
  // With HTTP/2 the connection belongs to the session; its socket stands for it.
  const raw = request.raw as { stream?: { session?: { socket: TLSSocket } }; socket: object; url?: string };
  const socket = (raw.stream?.session?.socket ?? raw.socket) as TLSSocket;
  return {
    method,
    url: raw.url ?? '/',
    headers,
    body: Buffer.isBuffer(body) ? body : new Uint8Array(),
    credentials: credentialsOf(socket, headers.authorization, http.certificates),
    signal,
    wantsUpgrade: false,
  };
}

/** Failures outside the chain: what the framework refuses before a call exists. */
function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const subject = { id: newRequestId(), method: request.method, path: request.url };
  const { status, body, contentType } = answerError(asStatusError(error), subject, log);
  reply
    .code(status)
    .headers({ ...commonHeaders(subject.id), 'content-type': contentType })
    .send(body);
}

/** The framework's own errors carry a status code: the client's fault when it is below 500. */
function asStatusError(error: unknown): unknown {
  if (error instanceof StatusError || !(error instanceof Error)) return error;
  const { statusCode = 500, message } = error as Error & { readonly statusCode?: number };
  if (statusCode === 413) return requestEntityTooLarge(`Request entity too large: limit is ${BODY_LIMIT}`);
  // A method that the framework has never heard of.
  if (statusCode === 404) return wrongMethod();
  return statusCode < 500 ? badRequest(message) : error;
}
