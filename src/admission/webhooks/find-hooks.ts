import { compileExpression } from '../../kinds/admission-registration/expressions.ts';
import type { KindDefinition } from '../../kinds/definition.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../kinds/types.ts';
import type { CheckAuthorizer } from '../../machinery/cel/library/authorizer.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { forbidden, StatusError } from '../../machinery/status-error.ts';
import { versioned } from '../dynamic/attributes.ts';
import { matchesConditions } from '../dynamic/evaluate.ts';
import { matchRequest, type VersionsOf } from '../dynamic/match-request.ts';
import { remembered } from '../dynamic/remembered.ts';
import { admissionVariables } from '../dynamic/variables.ts';
import type { DynamicRequest } from '../plugin.ts';
import type { WebhookServices } from './call-webhook.ts';

/** A webhook with the configuration that it is part of. */
export interface Hook {
  readonly hook: MutatingWebhook & ValidatingWebhook;
  readonly configuration: string;
  /** Tells hooks apart, whatever their names. */
  readonly id: string;
}

/** What webhooks need to know of the house. */
export interface HookServices extends WebhookServices {
  readonly versionsOf: VersionsOf;
  readonly authorize: CheckAuthorizer;
}

interface Configuration extends KubernetesObject {
  readonly webhooks?: readonly Hook['hook'][];
}

const hooksIn = remembered((object: KubernetesObject): readonly Hook[] => {
  const { metadata, webhooks = [] } = object as Configuration;
  const configuration = metadata?.name ?? '';
  return webhooks.map((hook, at) => ({ hook, configuration, id: `${configuration}/${hook.name}/${at}` }));
});

/** Every webhook of a kind of configurations, in the order in which they are asked. */
export function listHooks({ lookup }: WebhookServices, plural: string): readonly Hook[] {
  return lookup.list(`admissionregistration.k8s.io/${plural}`).flatMap(hooksIn);
}

const conditionsOf = remembered(({ hook }: Hook) =>
  (hook.matchConditions ?? []).map(({ expression }) => ({
    source: expression,
    compiled: compileExpression(expression, { authorizer: true }, 'condition'),
  })),
);

/** The version in which a hook is to be asked about a request; undefined where it isn't, an error where that is unclear. */
export function shouldCall(
  hook: Hook,
  request: DynamicRequest,
  services: HookServices,
): KindDefinition | StatusError | undefined {
  const { rules = [], namespaceSelector, objectSelector, matchPolicy, failurePolicy } = hook.hook;
  if (rules.length === 0) return undefined;
  const criteria = { resourceRules: rules, namespaceSelector, objectSelector, matchPolicy };
  const kind = matchRequest(criteria as Parameters<typeof matchRequest>[0], request, services);
  if (kind === undefined || kind instanceof StatusError) return kind;
  const conditions = conditionsOf(hook);
  if (conditions.length === 0) return kind;
  const { authorize } = services;
  const variables = admissionVariables({ request, kind, authorize, objects: versioned(request, kind) });
  const matches = matchesConditions(conditions, variables, failurePolicy);
  if (typeof matches === 'boolean') return matches ? kind : undefined;
  const { group, plural: resource } = request.requested;
  return forbidden({ group, resource, name: request.key.name }, matches.error);
}
