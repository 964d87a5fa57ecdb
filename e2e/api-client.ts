import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { parse } from 'yaml';

/** A complete answer. */
export interface ApiAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** What goes with a request. */
export interface ApiRequest {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Uint8Array;
  /** Milliseconds after which the request is given up; 30 s unless given. */
  readonly timeout?: number;
}

/** HTTP to an API server and nothing more: for measuring it and for sending it what no client would. */
export interface ApiClient {
  send(path: string, options?: ApiRequest): Promise<ApiAnswer>;
  /** Resolves with the head of the answer; its body is read as it comes. */
  open(path: string, options?: ApiRequest): Promise<IncomingMessage>;
  close(): void;
}

interface Kubeconfig {
  readonly 'current-context': string;
  readonly contexts: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters: readonly { readonly name: string; readonly cluster: { readonly [key: string]: string } }[];
  readonly users: readonly { readonly name: string; readonly user: { readonly [key: string]: string } }[];
}

interface Credentials {
  readonly server: URL;
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key'>;
  readonly headers: { readonly [name: string]: string };
}

/** Opens a client by the current context of a kubeconfig: certificates or a token, in the file or beside it. */
export function openApiClient(kubeconfig: string, connections = 16): ApiClient {
  const { server, tls, headers: own } = credentialsOf(parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig);
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ...tls });
  const open = (path: string, options: ApiRequest = {}): Promise<IncomingMessage> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { method = 'GET', body, timeout = 30_000 } = options;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const headers = { ...own, ...length, ...options.headers };
    const { hostname, port } = server;
    const sent = request({ agent, hostname, port, method, path, headers, timeout }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeout} ms`)));
    sent.on('error', reject);
    sent.end(body);
    return promise;
  };
  return { open, send: async (path, options) => read(await open(path, options)), close: () => agent.destroy() };
}

async function read(message: IncomingMessage): Promise<ApiAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const contentType = message.headers['content-type'] ?? '';
  return { status: message.statusCode ?? 0, contentType, body: Buffer.concat(chunks) };
}

function credentialsOf(config: Kubeconfig): Credentials {
  const { context } = named(config.contexts, config['current-context']);
  const { cluster } = named(config.clusters, context.cluster);
  const { user } = named(config.users, context.user);
  const tls = {
    ca: pem(cluster, 'certificate-authority'),
    cert: pem(user, 'client-certificate'),
    key: pem(user, 'client-key'),
  };
  const headers: Credentials['headers'] = user['token'] ? { authorization: `Bearer ${user['token']}` } : {};
  return { server: new URL(cluster['server'] ?? ''), tls, headers };
}

function named<T extends { readonly name: string }>(entries: readonly T[], name: string): T {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`the kubeconfig has nothing named ${name}`);
  return found;
}

function pem(from: { readonly [key: string]: string }, key: string): Buffer | undefined {
  const data = from[`${key}-data`];
  if (data !== undefined) return Buffer.from(data, 'base64');
  const path = from[key];
  return path === undefined ? undefined : readFileSync(path);
}
