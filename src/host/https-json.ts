import type { OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** One request over TLS: a POST of JSON where there is a body, else a GET. */
export interface HttpsCall {
  readonly target: {
    /** URL without query; its host is what the certificate has to be for. */
    readonly url: string;
    /** Where to connect instead of the URL's host. */
    readonly address?: { readonly host: string; readonly port: number };
    /** PEM in base64; '' trusts what the machine trusts. */
    readonly caBundle: string;
    /** Takes any certificate. */
    readonly insecure?: boolean;
    /** Who we are, PEM. */
    readonly client?: { readonly certificate: string; readonly key: string };
  };
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  readonly timeoutSeconds: number;
}

const MAX_BODY = 10 * 1024 * 1024;
const MAX_AGENTS = 30;
const UNKNOWN_AUTHORITY = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';

const SENTENCES: { readonly [code: string]: string } = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ECONNRESET: 'read: connection reset by peer',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
};

/** A failure in the words of Go's client. */
function sentenceOf(error: NodeJS.ErrnoException, address: { readonly host: string; readonly port: number }): string {
  const { code = '', message } = error;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'context deadline exceeded';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${address.host}: no such host`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `tls: failed to verify certificate: x509: ${message}`;
  const sentence = SENTENCES[code];
  if (sentence === undefined) return message;
  return sentence.startsWith('connect') ? `dial tcp ${address.host}:${address.port}: ${sentence}` : sentence;
}

/** Agents by whom they trust and where they connect to, so that connections are used again. */
function createAgents(): (target: HttpsCall['target']) => Agent {
  const agents = new Map<string, Agent>();
  return ({ caBundle, insecure = false, client }) => {
    const name = JSON.stringify([caBundle, insecure, client?.certificate]);
    const known = agents.get(name);
    if (known !== undefined) return known;
    const [oldest] = agents.keys();
    if (agents.size >= MAX_AGENTS && oldest !== undefined) {
      agents.get(oldest)?.destroy();
      agents.delete(oldest);
    }
    const ca = caBundle === '' ? {} : { ca: Buffer.from(caBundle, 'base64') };
    const own = client && { cert: client.certificate, key: client.key };
    const agent = new Agent({ keepAlive: true, maxSockets: 100, rejectUnauthorized: !insecure, ...ca, ...own });
    agents.set(name, agent);
    return agent;
  };
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error('http: response body too large');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

function headersOf({ body, headers }: HttpsCall, host: string): OutgoingHttpHeaders {
  const posted =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return { accept: 'application/json', host, ...headers, ...posted };
}

function send(call: HttpsCall, agent: Agent): Promise<HttpsReply> {
  const { target, body, timeoutSeconds } = call;
  const url = new URL(target.url);
  const address = target.address ?? { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || '443') };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new Error(sentenceOf(error, address), { cause: error }));
    const sent = request({
      ...address,
      agent,
      method: body === undefined ? 'GET' : 'POST',
      path: url.pathname + (body === undefined ? '' : `?timeout=${timeoutSeconds}s`),
      ...(isIP(address.host) !== 0 && target.address === undefined ? {} : { servername: url.hostname }),
      headers: headersOf(call, url.host),
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    sent.once('response', (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }), fail);
    });
    sent.once('error', fail);
    sent.once('socket', (socket) => (socket as TLSSocket).setNoDelay(true));
    sent.end(body);
  });
}

/** What came back, whatever its status. */
export interface HttpsReply {
  readonly status: number;
  readonly body: string;
}

/** A client for JSON over TLS. Rejects with an Error whose message is a sentence as Go's client has it. */
export function createHttpsJson(): (call: HttpsCall) => Promise<HttpsReply> {
  const agents = createAgents();
  return (call) => send(call, agents(call.target));
}
