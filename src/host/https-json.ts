import { Agent, request } from 'node:https';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** One POST of JSON over TLS. */
export interface HttpsPost {
  readonly target: {
    /** URL without query; its host is what the certificate has to be for. */
    readonly url: string;
    /** Where to connect instead of the URL's host. */
    readonly address?: { readonly host: string; readonly port: number };
    /** PEM in base64; '' trusts what the machine trusts. */
    readonly caBundle: string;
  };
  readonly body: string;
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
function createAgents(): (caBundle: string) => Agent {
  const agents = new Map<string, Agent>();
  return (caBundle) => {
    const known = agents.get(caBundle);
    if (known !== undefined) return known;
    const [oldest] = agents.keys();
    if (agents.size >= MAX_AGENTS && oldest !== undefined) {
      agents.get(oldest)?.destroy();
      agents.delete(oldest);
    }
    const ca = caBundle === '' ? {} : { ca: Buffer.from(caBundle, 'base64') };
    const agent = new Agent({ keepAlive: true, maxSockets: 100, ...ca });
    agents.set(caBundle, agent);
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

function send(post: HttpsPost, agent: Agent): Promise<{ readonly status: number; readonly body: string }> {
  const { target, body, timeoutSeconds } = post;
  const url = new URL(target.url);
  const address = target.address ?? { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || '443') };
  const headers = { 'content-type': 'application/json', accept: 'application/json', host: url.host };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new Error(sentenceOf(error, address), { cause: error }));
    const sent = request({
      ...address,
      agent,
      method: 'POST',
      path: `${url.pathname}?timeout=${timeoutSeconds}s`,
      ...(isIP(address.host) !== 0 && target.address === undefined ? {} : { servername: url.hostname }),
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
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

/** A client for POSTs of JSON. Rejects with an Error whose message is a sentence as Go's client has it. */
export function createHttpsJson(): (post: HttpsPost) => Promise<{ readonly status: number; readonly body: string }> {
  const agents = createAgents();
  return (post) => send(post, agents(post.target.caBundle));
}
