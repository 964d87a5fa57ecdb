import type { FieldError } from './field-error.ts';
import { aggregateFieldErrors } from './field-path.ts';
import { goQuote } from './go-format.ts';

/** `metav1.Status`: the body of every failure (and of a delete). */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Record<string, unknown>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** `metav1.StatusDetails`. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly { readonly reason?: string; readonly message: string; readonly field?: string }[];
  readonly retryAfterSeconds?: number;
}

/** The one error that crosses the API's edge: carries the Status that the client gets. */
export class StatusError extends Error {
  readonly status: Status;
  /** Sentences for `Warning:` headers: what was found before the request failed. */
  readonly warnings: readonly string[];

  constructor(status: Status, options: ErrorOptions & { readonly warnings?: readonly string[] } = {}) {
    super(status.message ?? status.reason ?? 'unknown', options);
    this.name = 'StatusError';
    this.status = status;
    this.warnings = options.warnings ?? [];
  }
}

/** The work's outcome; its failure, too, carries what was warned about before. */
export async function warning<T>(warnings: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StatusError) || warnings.length === 0) throw error;
    throw new StatusError(error.status, { cause: error.cause, warnings: [...warnings, ...error.warnings] });
  }
}

/** What an error is about: the plural resource name and its group, and the object's name. */
export interface ErrorSubject {
  readonly group: string;
  /** Plural resource for most errors (`pods`); the Kind for `invalid` (`Pod`), as upstream does. */
  readonly resource: string;
  readonly name?: string;
}

function failure(code: number, reason: string, message: string, details?: StatusDetails): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details ? { details } : {}),
    code,
  });
}

function qualified(subject: ErrorSubject): string {
  return subject.group === '' ? subject.resource : `${subject.resource}.${subject.group}`;
}

function detailsOf(subject: ErrorSubject, more: Partial<StatusDetails> = {}): StatusDetails {
  return {
    ...(subject.name ? { name: subject.name } : {}),
    ...(subject.group === '' ? {} : { group: subject.group }),
    ...(subject.resource === '' ? {} : { kind: subject.resource }),
    ...more,
  };
}

/** 404 NotFound, `apierrors.NewNotFound`. */
export function notFound(subject: ErrorSubject): StatusError {
  return failure(404, 'NotFound', `${qualified(subject)} "${subject.name}" not found`, detailsOf(subject));
}

/** 409 AlreadyExists, `apierrors.NewAlreadyExists`. */
export function alreadyExists(subject: ErrorSubject): StatusError {
  return failure(409, 'AlreadyExists', `${qualified(subject)} "${subject.name}" already exists`, detailsOf(subject));
}

/** 409 Conflict, `apierrors.NewConflict`. */
export function conflict(subject: ErrorSubject, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} "${subject.name}": ${why}`;
  return failure(409, 'Conflict', message, detailsOf(subject));
}

/** 422 Invalid, `apierrors.NewInvalid`; `subject.resource` is the Kind here. */
export function invalid(subject: ErrorSubject, errors: readonly FieldError[]): StatusError {
  const causes = errors.map((e) => ({ reason: e.type, message: e.message, field: e.field }));
  const head = `${qualified(subject)} ${goQuote(subject.name ?? '')} is invalid`;
  const message = errors.length === 0 ? head : `${head}: ${aggregateFieldErrors(errors)}`;
  return failure(422, 'Invalid', message, detailsOf(subject, { causes }));
}

/** 400 BadRequest. */
export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message);
}

/** 403 Forbidden, `apierrors.NewForbidden`. */
export function forbidden(subject: ErrorSubject, why: string): StatusError {
  const what = subject.name
    ? `${qualified(subject)} "${subject.name}" is forbidden`
    : `${qualified(subject)} is forbidden`;
  return failure(403, 'Forbidden', `${what}: ${why}`, detailsOf(subject));
}

/** 401 Unauthorized. */
export function unauthorized(): StatusError {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

/** 405 MethodNotAllowed. */
export function methodNotAllowed(subject: ErrorSubject, action: string): StatusError {
  const message = `${action} is not supported on resources of kind "${qualified(subject)}"`;
  return failure(405, 'MethodNotAllowed', message, detailsOf(subject));
}

/** 406 NotAcceptable. */
export function notAcceptable(message: string): StatusError {
  return failure(406, 'NotAcceptable', message);
}

/** 410 Expired: the resourceVersion was compacted away. */
export function expired(message: string): StatusError {
  return failure(410, 'Expired', message);
}

/** 413 RequestEntityTooLarge. */
export function requestEntityTooLarge(message: string): StatusError {
  return failure(413, 'RequestEntityTooLarge', message);
}

/** 415 UnsupportedMediaType. */
export function unsupportedMediaType(message: string): StatusError {
  return failure(415, 'UnsupportedMediaType', message);
}

/** 429 TooManyRequests; eviction uses it. */
export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return failure(429, 'TooManyRequests', message, { retryAfterSeconds });
}

/** 500 InternalError; the cause stays in the log. */
export function internalError(message: string, cause?: unknown): StatusError {
  const error = failure(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ reason: 'InternalError', message }],
  });
  return cause === undefined ? error : new StatusError(error.status, { cause });
}

/** 503 ServiceUnavailable, `apierrors.NewServiceUnavailable`. */
export function serviceUnavailable(message: string): StatusError {
  return failure(503, 'ServiceUnavailable', message);
}

/** 504 Timeout, `apierrors.NewTimeoutError`. */
export function timeout(message: string, retryAfterSeconds = 1): StatusError {
  return failure(504, 'Timeout', `Timeout: ${message}`, { retryAfterSeconds });
}
