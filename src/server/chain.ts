import { ANONYMOUS, type Authenticator } from '../auth/authenticate.ts';
import type { Authorizer } from '../auth/authenticator.ts';
import { allowsAnonymous, forbiddenRequest } from '../auth/authorize.ts';
import { impersonate } from '../auth/impersonate.ts';
import { isPathSegment } from '../machinery/names.ts';
import { exactFieldValue, parseFieldSelector } from '../machinery/selectors.ts';
import { badRequest, timeout, unauthorized } from '../machinery/status-error.ts';
import type { Answer, Call, Handler } from './call.ts';
import { parseDuration } from './duration.ts';
import { answerError } from './errors.ts';
import type { Log } from './log.ts';
import type { RequestMetrics } from './metrics.ts';
import { inWantedFormat } from './representation.ts';

/** What the chain needs beside the request. */
export interface ChainOptions {
  readonly authenticate: Authenticator;
  readonly authorize: Authorizer;
  readonly log: Log;
  readonly metrics: RequestMetrics;
}

type Link = (options: ChainOptions, next: Handler) => Handler;

/**
 * What every request goes through, in this order, outermost first. The request id is there already: it belongs
 * to the call. Warnings are collected by the handler itself and written with its answer.
 */
const LINKS: readonly Link[] = [
  withAudit,
  withErrors,
  withDeadline,
  withAuthentication,
  withImpersonation,
  withAuthorization,
];

/** Puts the chain around the handler that knows the API. */
export function buildChain(options: ChainOptions, handler: Handler): Handler {
  return LINKS.reduceRight<Handler>((next, link) => link(options, next), handler);
}

/** One log line and one count per request. */
function withAudit({ log, metrics }: ChainOptions, next: Handler): Handler {
  return async (call) => {
    const start = performance.now();
    const observed = metrics.observe(call);
    const answer = await next(call);
    const status = statusOf(answer);
    observed.answered(status);
    const milliseconds = performance.now() - start;
    log.debug({ requestId: call.id, verb: call.info.verb, path: call.path, status, milliseconds }, 'request');
    return answer;
  };
}

function statusOf(answer: Answer): number {
  return answer.kind === 'upgrade' ? 101 : (answer.status ?? 200);
}

/** Nothing that a handler throws gets past this link. */
function withErrors({ log }: ChainOptions, next: Handler): Handler {
  return async (call) => {
    try {
      return await next(call);
    } catch (error) {
      return inWantedFormat(call, answerError(error, call, log));
    }
  };
}

const DEFAULT_DEADLINE_MS = 60_000;
const LONG_RUNNING = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/** A request is answered in time or with 504; watches and streams have no deadline. */
function withDeadline(_options: ChainOptions, next: Handler): Handler {
  return async (call) => {
    if (call.info.verb === 'watch' || LONG_RUNNING.has(call.info.resource?.subresource ?? '')) return next(call);
    const deadline = Math.min(deadlineOf(call), DEFAULT_DEADLINE_MS);
    const { promise, reject } = Promise.withResolvers<never>();
    const message = 'request did not complete within the allotted timeout';
    const timer = setTimeout(() => reject(timeout(message, 0)), deadline);
    try {
      return await Promise.race([next(call), promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

function deadlineOf(call: Call): number {
  const wanted = call.query.get('timeout');
  if (wanted === null || wanted === '') return DEFAULT_DEADLINE_MS;
  const parsed = parseDuration(wanted);
  if (parsed === undefined || parsed < 0) throw badRequest(`invalid timeout specified in the request URL`);
  return parsed === 0 ? DEFAULT_DEADLINE_MS : parsed;
}

/** 401 unless somebody known asks, or something that everybody may. */
function withAuthentication({ authenticate }: ChainOptions, next: Handler): Handler {
  return async (call) => {
    const user = await authenticate(call.credentials);
    if (user === undefined && !allowsAnonymous(call.path)) throw unauthorized();
    return next({ ...call, user: user ?? ANONYMOUS });
  };
}

/** The request goes on as whom its headers name; 403 unless its sender may act as that user. */
function withImpersonation({ authorize }: ChainOptions, next: Handler): Handler {
  return async (call) => {
    const { verb, resource } = call.info;
    return next({
      ...call,
      user: impersonate(call.user, call.headers, authorize, { verb, resource, path: call.path }),
    });
  };
}

/** The resource that a request is about; a collection of which one object is selected by name is about that one. */
function selectedResource({ info, query }: Call): Call['info']['resource'] {
  const { resource } = info;
  const selector = query.get('fieldSelector');
  if (resource === undefined || resource.name !== '' || !selector) return resource;
  const parsed = parseFieldSelector(selector);
  const name = parsed.ok ? (exactFieldValue(parsed.value, 'metadata.name') ?? '') : '';
  return isPathSegment(name).length === 0 ? { ...resource, name } : resource;
}

/** 403 unless the authorizer says yes. */
function withAuthorization({ authorize }: ChainOptions, next: Handler): Handler {
  return async (call) => {
    const { verb } = call.info;
    const attributes = { user: call.user, verb, resource: selectedResource(call), path: call.path };
    const decision = authorize(attributes);
    if (!decision.allowed) throw forbiddenRequest(attributes, decision.reason);
    return next(call);
  };
}
