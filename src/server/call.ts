import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Credentials } from '../auth/authenticate.ts';
import type { UserInfo } from '../auth/authenticator.ts';
import type { RequestInfo } from './request-info.ts';

/** One request, independent of how it came in (HTTP/2, HTTP/1.1, upgrade). */
export interface Call {
  /** Unique; sent back as `Audit-Id` and logged with errors. */
  readonly id: string;
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Empty when there is none. */
  readonly body: Uint8Array;
  readonly credentials: Credentials;
  readonly info: RequestInfo;
  /** Aborted when the client goes away, the deadline passes or the server stops. */
  readonly signal: AbortSignal;
  /** Whether the client asks for another protocol (`Connection: Upgrade`). */
  readonly wantsUpgrade: boolean;
  /** Anonymous until the chain has authenticated the request. */
  readonly user: UserInfo;
}

/** A complete response. */
export interface TextAnswer {
  readonly kind: 'text';
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: { readonly [name: string]: string };
  /** Sentences for `Warning:` headers. */
  readonly warnings?: readonly string[];
}

/** A response that goes on for as long as `chunks` does. Chunks are asked for only as fast as the client reads. */
export interface StreamAnswer {
  readonly kind: 'stream';
  /** 200 unless given. */
  readonly status?: number;
  /** '' for none. */
  readonly contentType: string;
  readonly chunks: AsyncIterable<string | Uint8Array>;
  readonly headers?: { readonly [name: string]: string | readonly string[] };
  readonly warnings?: readonly string[];
}

/** The connection of an upgrade request, handed over as it is. */
export interface UpgradeConnection {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that came after the request's head. */
  readonly head: Buffer;
  /** What goes into the 101 beside the handshake. */
  readonly id: string;
}

/** Takes over the connection. */
export interface UpgradeAnswer {
  readonly kind: 'upgrade';
  readonly accept: (connection: UpgradeConnection) => void;
}

/** What a handler makes of a call. */
export type Answer = TextAnswer | StreamAnswer | UpgradeAnswer;

/** Answers a call; rejects with `StatusError` for everything the client did wrong. */
export type Handler = (call: Call) => Answer | Promise<Answer>;

/** A 200 (or other) with a JSON text. */
export function answerJson(body: string, status = 200): TextAnswer {
  return { kind: 'text', status, contentType: 'application/json', body: `${body}\n` };
}
