import type { ProbeAction } from '../../translators/formats/probes.ts';
import { exchange, type Outcome, type Peer } from './exchange.ts';
import type { ProbeOutcome } from './probe-state.ts';

type HttpAction = Extract<ProbeAction, { readonly type: 'http' }>;

/** How the kubelet calls itself when it probes, and when it carries out a hook. */
const PROBE_AGENT = 'kube-probe/1.36';
const HOOK_AGENT = 'kube-lifecycle/1.36';
/** Of a body that a message quotes. */
const MAX_BODY = 10 * 1024;
const MAX_REDIRECTS = 10;

/**
 * An HTTP probe: a GET that a status from 200 to 399 satisfies. Redirects are followed on the same host; one to
 * elsewhere counts as a success. Certificates aren't verified. The socket is read by hand: node:http would cost
 * this process 15 MB for a status line.
 */
export async function probeHttp(action: HttpAction, ms: number): Promise<ProbeOutcome> {
  const end = performance.now() + ms;
  let { url, ask } = firstQuestion(action);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const outcome = await get(ask, redirects === 0 ? ms : Math.max(1, end - performance.now()));
    if (outcome.value === undefined) return failure(`Get "${url}": ${describe(outcome, url)}`);
    const { status, location, body } = outcome.value;
    if (Number.isNaN(status)) return failure(`Get "${url}": malformed HTTP response "${body}"`);
    if (status < 200 || status >= 400) return failure(`HTTP probe failed with statuscode: ${status}`);
    if (status < 300 || location === undefined) return { result: 'success', message: '' };
    const next = new URL(location, url);
    if (next.hostname !== url.hostname) {
      return { result: 'success', message: '', warning: `Probe terminated redirects, Response body: ${body}` };
    }
    [url, ask] = [next, question(next, action, PROBE_AGENT)];
  }
  return failure(`Get "${url}": stopped after ${MAX_REDIRECTS} redirects`);
}

/** The request of a lifecycle hook: any answer will do. Rejects without one. */
export async function requestHttp(action: HttpAction, ms: number): Promise<void> {
  const url = urlOf(action);
  const outcome = await get(question(url, action, HOOK_AGENT), ms);
  if (outcome.value === undefined) throw new Error(`Get "${url}": ${describe(outcome, url)}`, { cause: outcome.error });
}

/** A path that begins like a host stays a path. */
function urlOf({ scheme, host, port, path }: HttpAction): URL {
  return new URL(`${scheme.toLowerCase()}://${bracketed(host)}:${port}${path}`);
}

const TIMED_OUT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

const failure = (message: string): ProbeOutcome => ({ result: 'failure', message });

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

function describe({ isTimeout, error }: Exclude<Outcome<Head>, { readonly value: Head }>, url: URL): string {
  if (isTimeout) return TIMED_OUT;
  if (error?.code === 'ECONNREFUSED') return `dial tcp ${url.host}: connect: connection refused`;
  if (error?.code === 'EHOSTUNREACH') return `dial tcp ${url.host}: connect: no route to host`;
  if (error?.code === 'ECONNRESET') return 'read: connection reset by peer';
  return error?.message ?? 'malformed HTTP response';
}

interface Head {
  /** NaN when it is none. */
  readonly status: number;
  readonly location: string | undefined;
  /** Of a redirect, as far as it is there; what there was instead of a head. */
  readonly body: string;
}

/** Whom to ask, and the bytes to send. */
interface Question {
  readonly peer: Peer;
  readonly request: Buffer;
}

interface FirstQuestion {
  readonly url: URL;
  readonly ask: Question;
}

/** A probe begins with the same bytes each time. */
const firstQuestions = new WeakMap<HttpAction, FirstQuestion>();

function firstQuestion(action: HttpAction): FirstQuestion {
  const known = firstQuestions.get(action);
  if (known !== undefined) return known;
  const url = urlOf(action);
  const made = { url, ask: question(url, action, PROBE_AGENT) };
  firstQuestions.set(action, made);
  return made;
}

function question(url: URL, action: HttpAction, agent: string): Question {
  const isTls = url.protocol === 'https:';
  const peer = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (isTls ? 443 : 80), isTls };
  return { peer, request: Buffer.from(request(url, action, agent), 'latin1') };
}

function get({ peer, request }: Question, ms: number): Promise<Outcome<Head>> {
  return exchange(peer, ms, { request, read: readHead });
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

function readHead(received: Buffer): Head | undefined {
  let text = received.toString('latin1');
  // Interim answers (100, 103) come before the one that counts.
  for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
    const head = parseHead(text.slice(0, end), text.slice(end + 4));
    if (!(head.status < 200) || head.status === 101) return head;
    text = text.slice(end + 4);
  }
  return undefined;
}

function parseHead(text: string, rest: string): Head {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status === undefined) return { status: Number.NaN, location: undefined, body: text.slice(0, 40) };
  const location = /^location:[ \t]*(.*?)[ \t]*$/im.exec(text)?.[1];
  return { status: Number(status), location, body: rest.slice(0, MAX_BODY) };
}
