import type { KindDefinition } from '../../kinds/definition.ts';
import { semanticEqual } from '../../machinery/deep.ts';
import { goQuote } from '../../machinery/go-format.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { applyJsonPatch } from '../../machinery/patch/json-patch.ts';
import { internalError, StatusError } from '../../machinery/status-error.ts';
import { unversioned, versioned } from '../dynamic/attributes.ts';
import { type Reinvocation, reinvocationOf } from '../dynamic/reinvocation.ts';
import type { DynamicRequest } from '../plugin.ts';
import { callHook, failureOf } from './call-hook.ts';
import { type Hook, type HookServices, listHooks, shouldCall } from './find-hooks.ts';
import type { ReviewResponse } from './review.ts';

const PREFIX = 'mutation.webhook.admission.k8s.io/';

/** Bytes of base64 as text. */
function decoded(patch: string): unknown {
  return JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
}

/** A patch of a webhook; undefined for none. Throws an Error with upstream's sentence. */
function patchOf({ patch = '', patchType }: ReviewResponse): readonly object[] | undefined {
  if (patch === '') return undefined;
  let operations: unknown;
  try {
    operations = decoded(patch);
  } catch (cause) {
    throw new Error(`received undecodable patch in webhook response: ${(cause as Error).message}`);
  }
  if (!Array.isArray(operations)) throw new Error('received undecodable patch in webhook response: not a list');
  if (operations.length === 0) return undefined;
  if (patchType !== undefined && patchType !== 'JSONPatch')
    throw new Error(`unsupported patch type ${goQuote(patchType)}`);
  return operations;
}

/** The object after a webhook's patch. */
function patched(
  { hook }: Hook,
  { request, kind }: { readonly request: DynamicRequest; readonly kind: KindDefinition },
  operations: readonly object[],
): KubernetesObject | StatusError {
  const { object } = versioned(request, kind);
  if (object === null) {
    const why = 'attempted to modify the object, which is not supported for this operation';
    return internalError(`admission webhook ${goQuote(hook.name)} ${why}`);
  }
  const result = applyJsonPatch(object, operations);
  if (!result.ok) return internalError(result.error.message);
  try {
    return request.reread(unversioned(request, kind, result.value as KubernetesObject));
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return internalError(error.message);
  }
}

async function invoke(
  hook: Hook,
  { request, kind, at }: { readonly request: DynamicRequest; readonly kind: KindDefinition; readonly at: number },
  services: HookServices,
): Promise<KubernetesObject | StatusError> {
  const place = `round_${request.round.isSecond ? 1 : 0}_index_${at}`;
  const outcome = await callHook(hook, { request, kind, mutating: true }, services);
  const failed = (message: string): KubernetesObject | StatusError => {
    const failure = failureOf(hook, message);
    if (failure === undefined) request.annotate(`failed-open.${PREFIX}${place}`, hook.hook.name);
    return failure ?? request.object;
  };
  if (outcome.is === 'failed') return failed(outcome.message);
  if (outcome.is === 'refused') return outcome.error;
  let operations: readonly object[] | undefined;
  try {
    operations = patchOf(outcome.response);
  } catch (error) {
    return failed(`failed calling webhook ${goQuote(hook.hook.name)}: ${(error as Error).message}`);
  }
  const object = operations === undefined ? request.object : patched(hook, { request, kind }, operations);
  const isMutated = !(object instanceof StatusError) && !semanticEqual(object, request.object);
  const { configuration } = hook;
  request.annotate(PREFIX + place, JSON.stringify({ configuration, webhook: hook.hook.name, mutated: isMutated }));
  return object;
}

function note({ hook, id }: Hook, isChanged: boolean, reinvocation: Reinvocation): void {
  if (isChanged) reinvocation.changed();
  if (hook.reinvocationPolicy === 'IfNeeded') reinvocation.remember(id);
}

async function askAll(
  hooks: readonly Hook[],
  request: DynamicRequest,
  services: HookServices,
): Promise<KubernetesObject | StatusError> {
  const reinvocation = reinvocationOf(request, 'MutatingAdmissionWebhook');
  let { object } = request;
  for (const [at, hook] of hooks.entries()) {
    const current = { ...request, object };
    const kind = shouldCall(hook, current, services);
    if (kind instanceof StatusError) return kind;
    if (kind === undefined || !reinvocation.shouldInvoke(hook.id)) continue;
    const result = await invoke(hook, { request: current, kind, at }, services);
    if (result instanceof StatusError) return result;
    note(hook, !semanticEqual(result, object), reinvocation);
    object = result;
  }
  reinvocation.finish(object);
  return object;
}

/** Asks the mutating webhooks, one after the other; undefined where there are none. */
export function askMutatingWebhooks(
  request: DynamicRequest,
  services: HookServices,
): Promise<KubernetesObject | StatusError> | undefined {
  const hooks = listHooks(services, 'mutatingwebhookconfigurations');
  return hooks.length === 0 ? undefined : askAll(hooks, request, services);
}
