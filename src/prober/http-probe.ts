import { connect, type Socket } from 'node:net';
import type { ProbeAction } from '../../translators/formats/probes.ts';
import type { ProbeOutcome } from './probe-state.ts';

type HttpAction = Extract<ProbeAction, { readonly type: 'http' }>;

/** How the kubelet calls itself when it probes, and when it carries out a hook. */
const PROBE_AGENT = 'kube-probe/1.36';
const HOOK_AGENT = 'kube-lifecycle/1.36';
/** Of a body that a message quotes. */
const MAX_BODY = 10 * 1024;
const MAX_REDIRECTS = 10;
/** Of a response: enough for any head that ends. */
const MAX_HEAD = 64 * 1024;

/**
 * An HTTP probe: a GET that a status from 200 to 399 satisfies. Redirects are followed on the same host; one to
 * elsewhere counts as a success. Certificates aren't verified. The socket is read by hand: node:http would cost
 * this process 15 MB for a status line.
 */
export async function probeHttp(action: HttpAction, signal: AbortSignal): Promise<ProbeOutcome> {
  let url = urlOf(action);
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const { status, location, body } = await get(url, action, { signal, agent: PROBE_AGENT });
      if (status < 200 || status >= 400) return failure(`HTTP probe failed with statuscode: ${status}`);
      if (status < 300 || location === undefined) return { result: 'success', message: '' };
      const next = new URL(location, url);
      if (next.hostname !== url.hostname) {
        return { result: 'success', message: '', warning: `Probe terminated redirects, Response body: ${body}` };
      }
      url = next;
    }
    return failure(`Get "${url}": stopped after ${MAX_REDIRECTS} redirects`);
  } catch (error) {
    const reason = signal.aborted ? TIMED_OUT : describe(error, url);
    return failure(`Get "${url}": ${reason}`);
  }
}

/** The request of a lifecycle hook: any answer will do. Rejects without one. */
export async function requestHttp(action: HttpAction, signal: AbortSignal): Promise<void> {
  await get(urlOf(action), action, { signal, agent: HOOK_AGENT });
}

/** A path that begins like a host stays a path. */
function urlOf({ scheme, host, port, path }: HttpAction): URL {
  return new URL(`${scheme.toLowerCase()}://${bracketed(host)}:${port}${path}`);
}

const TIMED_OUT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

const failure = (message: string): ProbeOutcome => ({ result: 'failure', message });

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

function describe(error: unknown, url: URL): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return `dial tcp ${url.host}: connect: connection refused`;
  if (code === 'EHOSTUNREACH') return `dial tcp ${url.host}: connect: no route to host`;
  if (code === 'ECONNRESET') return 'read: connection reset by peer';
  return error instanceof Error ? error.message : String(error);
}

interface Head {
  readonly status: number;
  readonly location: string | undefined;
  /** Of a redirect, as far as it is there. */
  readonly body: string;
}

interface Request {
  readonly signal: AbortSignal;
  readonly agent: string;
}

async function get(url: URL, action: HttpAction, { signal, agent }: Request): Promise<Head> {
  const socket = await open(url, signal);
  try {
    socket.write(request(url, action, agent));
    return await readHead(socket);
  } finally {
    socket.destroy();
  }
}

/** Connects; destroyed with the signal's reason when time is up. */
async function open(url: URL, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isTls = url.protocol === 'https:';
  const target = { host, port: Number(url.port) || (isTls ? 443 : 80) };
  signal.throwIfAborted();
  const socket = isTls ? (await import('node:tls')).connect({ ...target, rejectUnauthorized: false }) : connect(target);
  const abort = (): void => void socket.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
  return socket;
}

/** Header names and values come from the manifest: a line break in one must not begin another header. */
function request(url: URL, action: HttpAction, agent: string): string {
  const clean = (text: string): string => text.replace(/[\r\n]/g, '');
  const given = action.headers.map(({ name, value }) => [clean(name), clean(value)] as const);
  const has = (name: string): boolean => given.some(([one]) => one.toLowerCase() === name);
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    ...(has('host') ? [] : [`Host: ${url.host}`]),
    ...(has('user-agent') ? [] : [`User-Agent: ${agent}`]),
    ...(has('accept') ? [] : ['Accept: */*']),
    ...given.filter(([name, value]) => name.toLowerCase() !== 'accept' || value !== '').map((pair) => pair.join(': ')),
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

async function readHead(socket: Socket): Promise<Head> {
  let text = '';
  for await (const chunk of socket.setEncoding('latin1')) {
    text += chunk;
    // Interim answers (100, 103) come before the one that counts.
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = { ...parseHead(text.slice(0, end)), body: text.slice(end + 4).slice(0, MAX_BODY) };
      if (head.status >= 200 || head.status === 101) return head;
      text = text.slice(end + 4);
    }
    if (text.length > MAX_HEAD) break;
  }
  throw new Error('malformed HTTP response');
}

function parseHead(text: string): Omit<Head, 'body'> {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status === undefined) throw new Error(`malformed HTTP response "${text.slice(0, 40)}"`);
  return { status: Number(status), location: /^location:[ \t]*(.*?)[ \t]*$/im.exec(text)?.[1] };
}
