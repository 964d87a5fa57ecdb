import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Modem } from 'dockerode';
import { PodmanError } from './podman.ts';

/** One request to the libpod API. */
export interface LibpodRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/libpod`, percent-encoded: `/containers/web/json`. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string | number | boolean };
  readonly body?: object;
  readonly headers?: { readonly [name: string]: string };
  readonly signal?: AbortSignal;
}

/** The libpod API as requests; all of them reject with PodmanError, or with the signal's reason. */
export interface LibpodClient {
  /** The parsed JSON of the answer; undefined for an empty one. */
  json(request: LibpodRequest): Promise<unknown>;
  /** The answer, its body as it arrives. */
  stream(request: LibpodRequest): Promise<IncomingMessage>;
  /** The connection itself, after it was upgraded. */
  hijack(request: LibpodRequest): Promise<Duplex>;
}

/** The API's version that we speak; Podman 5 accepts every 4.x and 5.x prefix. */
const API = '/v5.0.0/libpod';
/** Without one dockerode says `chunked`, and the last chunk's `0` would become the first line of stdin. */
const NO_BODY = Buffer.alloc(0);
const STATUS_OK = { 101: true, 200: true, 201: true, 204: true, 304: true } as const;

/**
 * A client of the socket at `socketPath`. Loaded with the first request: from the sources dockerode brings grpc for
 * its BuildKit sessions (185 ms and 32 MB), the bundle leaves that out (42 ms and 18 MB, node:http included).
 */
export function createLibpodClient(socketPath: string): LibpodClient {
  let modem: Promise<Modem> | undefined;
  const dial = async <T>(request: LibpodRequest, how: { isStream?: boolean; hijack?: boolean }): Promise<T> => {
    request.signal?.throwIfAborted();
    modem ??= loadModem(socketPath);
    return (await dialed(await modem, request, how)) as T;
  };
  return {
    json: async (request) => {
      const answer = await dial<unknown>(request, {});
      // What isn't JSON, an empty body for one, comes back as a Buffer.
      return Buffer.isBuffer(answer) ? undefined : answer;
    },
    stream: (request) => dial<IncomingMessage>(request, { isStream: true }),
    hijack: (request) => dial<Duplex>(request, { hijack: true }),
  };
}

async function loadModem(socketPath: string): Promise<Modem> {
  const [{ default: Docker }, { Agent }] = await Promise.all([import('dockerode'), import('node:http')]);
  // Podman's service exits when idle: a kept connection may be dead by the time it is used again.
  return new Docker({ socketPath, agent: new Agent({ keepAlive: false }) }).modem;
}

function dialed(modem: Modem, request: LibpodRequest, how: { isStream?: boolean; hijack?: boolean }): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const { signal } = request;
  const dialOptions = {
    ...how,
    path: `${API}${request.path}?`,
    method: request.method,
    options: { _query: request.query ?? {}, _body: request.body ?? {} },
    ...(request.headers === undefined ? {} : { headers: request.headers }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
    ...(how.hijack === true && request.body === undefined ? { file: NO_BODY } : {}),
    statusCodes: STATUS_OK,
  };
  modem.dial(dialOptions, (error, result) => {
    if (error === null || error === undefined) return resolve(result);
    reject(signal?.aborted ? signal.reason : podmanError(request, error));
  });
  return promise;
}

/** Podman's own sentence where there is one: image errors are passed on to users word for word. */
function podmanError(request: LibpodRequest, error: Error): PodmanError {
  const { statusCode, json } = error as Error & { statusCode?: number; json?: unknown };
  const said = messageOf(json);
  const message = said ?? `podman: ${request.method} ${request.path}: ${error.message.trim()}`;
  return new PodmanError(message, statusCode ?? 0, { cause: error });
}

function messageOf(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('message' in json)) return undefined;
  return typeof json.message === 'string' && json.message !== '' ? json.message : undefined;
}
