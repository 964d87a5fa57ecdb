import type { KindDefinition } from '../../kinds/definition.ts';
import { StatusError } from '../../machinery/status-error.ts';
import type { DynamicRequest } from '../plugin.ts';
import { callHook, failureOf } from './call-hook.ts';
import { type Hook, type HookServices, listHooks, shouldCall } from './find-hooks.ts';

const FAILED_OPEN = 'failed-open.validating.webhook.admission.k8s.io/';

interface Call {
  readonly hook: Hook;
  readonly kind: KindDefinition;
}

async function askOne(
  { hook, kind }: Call,
  { request, at }: { readonly request: DynamicRequest; readonly at: number },
  services: HookServices,
): Promise<StatusError | undefined> {
  const outcome = await callHook(hook, { request, kind, mutating: false }, services);
  if (outcome.is === 'refused') return outcome.error;
  if (outcome.is === 'allowed') return undefined;
  const failure = failureOf(hook, outcome.message);
  if (failure === undefined) request.annotate(`${FAILED_OPEN}round_0_index_${at}`, hook.hook.name);
  return failure;
}

async function askAll(calls: readonly Call[], request: DynamicRequest, services: HookServices) {
  const answers = calls.map((call, at) => askOne(call, { request, at }, services));
  return (await Promise.all(answers)).find((each) => each !== undefined);
}

/** Asks the validating webhooks, all at once; undefined, at once, where nobody has to be asked. */
export function askValidatingWebhooks(
  request: DynamicRequest,
  services: HookServices,
): Promise<StatusError | undefined> | undefined {
  const hooks = listHooks(services, 'validatingwebhookconfigurations');
  const calls: Call[] = [];
  for (const hook of hooks) {
    const kind = shouldCall(hook, request, services);
    if (kind instanceof StatusError) return Promise.resolve(kind);
    if (kind !== undefined) calls.push({ hook, kind });
  }
  return calls.length === 0 ? undefined : askAll(calls, request, services);
}
