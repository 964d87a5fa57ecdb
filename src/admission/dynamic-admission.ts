import type { KindDefinition } from '../kinds/definition.ts';
import type { CheckAuthorizer } from '../machinery/cel/library/authorizer.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';
import { isExempt } from './dynamic/match-request.ts';
import type { AdmissionLookup, AdmissionPlugin, DynamicRequest } from './plugin.ts';
import { askMutatingPolicies } from './policies/mutating-policies.ts';
import { askValidatingPolicies } from './policies/validating-policies.ts';
import type { HookServices } from './webhooks/find-hooks.ts';
import { askMutatingWebhooks } from './webhooks/mutating-webhooks.ts';
import type { WebhookTransport } from './webhooks/transport.ts';
import { askValidatingWebhooks } from './webhooks/validating-webhooks.ts';

/** What policies and webhooks need of the house. */
export interface DynamicAdmissionOptions {
  readonly definitions: () => readonly KindDefinition[];
  readonly authorizerOver: (lookup: AdmissionLookup) => CheckAuthorizer;
  readonly transport: WebhookTransport;
  readonly uuid: () => string;
  readonly random: (below: number) => number;
}

type Services = HookServices & { readonly definitions: DynamicAdmissionOptions['definitions'] };

/** Resources that are the same objects: versions of one, or another group's view of it. */
function versionsOf(definitions: () => readonly KindDefinition[]) {
  return (stored: KindDefinition): readonly KindDefinition[] =>
    definitions().filter((each) => {
      const { group, plural } = each.view?.of ?? each;
      return group === stored.group && plural === stored.plural;
    });
}

function servicesOver(options: DynamicAdmissionOptions) {
  const known = new WeakMap<AdmissionLookup, Services>();
  const { definitions, authorizerOver, ...rest } = options;
  return (lookup: AdmissionLookup): Services => {
    const made = known.get(lookup) ?? {
      ...rest,
      definitions,
      lookup,
      versionsOf: versionsOf(definitions),
      authorize: authorizerOver(lookup),
    };
    known.set(lookup, made);
    return made;
  };
}

async function mutate(request: DynamicRequest, services: Services): Promise<KubernetesObject | StatusError> {
  const object = canChange(request) ? askMutatingPolicies(request, services) : request.object;
  if (object instanceof StatusError) return object;
  return (await askMutatingWebhooks({ ...request, object }, services)) ?? object;
}

function canChange({ operation }: DynamicRequest): boolean {
  return operation === 'CREATE' || operation === 'UPDATE';
}

function hasAny({ lookup }: Services, ...plurals: readonly string[]): boolean {
  return plurals.some((plural) => lookup.list(`admissionregistration.k8s.io/${plural}`).length > 0);
}

/**
 * Policies in CEL and webhooks, in upstream's order: mutating policies, mutating webhooks; later validating policies,
 * validating webhooks.
 */
export function createDynamicAdmission(options: DynamicAdmissionOptions): AdmissionPlugin {
  const over = servicesOver(options);
  return {
    name: 'DynamicAdmission',
    mutateLater: (request, lookup) => {
      const services = over(lookup);
      if (isExempt(request) || !hasAny(services, 'mutatingadmissionpolicies', 'mutatingwebhookconfigurations')) {
        return undefined;
      }
      return mutate(request, services);
    },
    validateLater: (request, lookup) => {
      if (isExempt(request)) return undefined;
      const services = over(lookup);
      const refusal = askValidatingPolicies(request, services);
      return refusal === undefined ? askValidatingWebhooks(request, services) : Promise.resolve(refusal);
    },
  };
}
