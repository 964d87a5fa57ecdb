import { internalError, type Status, StatusError } from '../machinery/status-error.ts';
import { answerJson, type Call, type TextAnswer } from './call.ts';
import type { Log } from './log.ts';

/**
 * Turns whatever a handler threw into an answer: a `StatusError` says what the client gets, anything else is our
 * fault, is logged with the request's id, and the client gets a 500 without its details.
 */
export function answerError(error: unknown, call: Pick<Call, 'id' | 'method' | 'path'>, log: Log): TextAnswer {
  if (error instanceof StatusError) {
    if (error.status.code >= 500)
      log.warn({ requestId: call.id, path: call.path, ...reasonsOf(error) }, 'request failed');
    return { ...answerStatus(error.status), warnings: error.warnings };
  }
  log.error({ requestId: call.id, method: call.method, path: call.path, err: error }, 'unexpected error');
  return answerStatus(internalError(`unexpected error, see the log for request ${call.id}`).status);
}

function reasonsOf({ message, cause }: StatusError): { readonly reason: string; readonly cause?: string } {
  return { reason: message, ...(cause instanceof Error ? { cause: cause.message } : {}) };
}

/** A Status as the answer, with the headers that belong to its code. */
export function answerStatus(status: Status): TextAnswer {
  const answer = answerJson(JSON.stringify(status), status.code);
  const retry = status.details?.retryAfterSeconds;
  return retry === undefined || retry === 0 ? answer : { ...answer, headers: { 'retry-after': String(retry) } };
}

/** 404 for a path or resource that the server doesn't have. */
export function unknownPath(): StatusError {
  return plainFailure(404, 'NotFound', 'the server could not find the requested resource');
}

/** Answer to a path that nothing is behind, as Go's HTTP server words it. */
export const PAGE_NOT_FOUND: TextAnswer = {
  kind: 'text',
  status: 404,
  contentType: 'text/plain; charset=utf-8',
  body: '404 page not found\n',
  headers: { 'x-content-type-options': 'nosniff' },
};

/** 405 for a path that exists, but not with this method. */
export function wrongMethod(): StatusError {
  return plainFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

function plainFailure(code: number, reason: string, message: string): StatusError {
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const;
  return new StatusError({ ...base, message, reason, details: {}, code });
}
