import type { KindDefinition } from '../../kinds/definition.ts';
import { goQuote } from '../../machinery/go-format.ts';
import { badRequest, internalError, type Status, StatusError } from '../../machinery/status-error.ts';
import type { DynamicRequest } from '../plugin.ts';
import { callWebhook } from './call-webhook.ts';
import type { Hook, HookServices } from './find-hooks.ts';
import { makeReview, type ReviewResponse, readReview, reviewVersion } from './review.ts';

/** Seconds that a webhook has where it doesn't say. */
const TIMEOUT = 10;

/** What came of asking a hook. */
export type HookOutcome =
  | { readonly is: 'allowed'; readonly response: ReviewResponse }
  /** The request is refused, by the hook or because the hook can't take it. */
  | { readonly is: 'refused'; readonly error: StatusError }
  /** The hook couldn't be asked: what that means is its failure policy's business. */
  | { readonly is: 'failed'; readonly message: string };

function rejection(name: string, status: ReviewResponse['status'] = {}): StatusError {
  const { message, reason, code, status: outcome } = status;
  const denied = `admission webhook ${goQuote(name)} denied the request`;
  const why = message || reason;
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    ...status,
    metadata: {},
    status: typeof outcome === 'string' && outcome !== '' && outcome !== 'Success' ? outcome : 'Failure',
    message: why ? `${denied}: ${why}` : `${denied} without explanation`,
    code: typeof code === 'number' && code >= 400 ? code : 400,
  };
  return new StatusError(body as Status);
}

function refusesDryRun({ hook }: Hook, { dryRun }: DynamicRequest): HookOutcome | undefined {
  if (!dryRun || hook.sideEffects === 'None' || hook.sideEffects === 'NoneOnDryRun') return undefined;
  const message = `admission webhook ${goQuote(hook.name)} does not support dry run`;
  return { is: 'refused', error: badRequest(message) };
}

/** Asks one hook. Never rejects. */
export async function callHook(
  hook: Hook,
  {
    request,
    kind,
    mutating,
  }: { readonly request: DynamicRequest; readonly kind: KindDefinition; readonly mutating: boolean },
  services: HookServices,
): Promise<HookOutcome> {
  const { name, clientConfig, timeoutSeconds = TIMEOUT, admissionReviewVersions } = hook.hook;
  const unsupported = refusesDryRun(hook, request);
  if (unsupported !== undefined) return unsupported;
  const failed = (why: string): HookOutcome => ({
    is: 'failed',
    message: `failed calling webhook ${goQuote(name)}: ${why}`,
  });
  const version = reviewVersion(admissionReviewVersions);
  if (version === undefined) {
    return failed(
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
    );
  }
  const review = makeReview(request, kind, { version, uid: services.uuid() });
  try {
    const answer = await callWebhook(services, clientConfig, { document: review.document, timeoutSeconds });
    const read = readReview(answer, { review, mutating });
    if (!read.ok) return failed(`received invalid webhook response: ${read.message}`);
    const { response } = read;
    for (const [key, value] of Object.entries(response.auditAnnotations)) request.annotate(`${name}/${key}`, value);
    for (const warning of response.warnings) request.warn(warning);
    return response.allowed ? { is: 'allowed', response } : { is: 'refused', error: rejection(name, response.status) };
  } catch (error) {
    return failed(`failed to call webhook: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What a hook that couldn't be asked does to the request, by its failure policy. */
export function failureOf({ hook }: Hook, message: string): StatusError | undefined {
  return hook.failurePolicy === 'Ignore' ? undefined : internalError(message);
}
