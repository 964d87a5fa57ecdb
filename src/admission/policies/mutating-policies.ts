import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../kinds/types.ts';
import { semanticEqual } from '../../machinery/deep.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { forbidden, StatusError } from '../../machinery/status-error.ts';
import { reinvocationOf } from '../dynamic/reinvocation.ts';
import type { DynamicRequest } from '../plugin.ts';
import {
  type ConfigurationError,
  findInvocations,
  isConfigurationError,
  nameOf,
  type PolicyServices,
} from './invocations.ts';
import { type MutatingInvocation, mutateByPolicy, policyMatches } from './mutate-by-policy.ts';

const GROUP = 'admissionregistration.k8s.io';

type Policy = MutatingAdmissionPolicy;
type Binding = MutatingAdmissionPolicyBinding;
type PolicyError = ConfigurationError<Policy, Binding> & { readonly reason?: 'Invalid' };

function sentence({ policy, binding, message }: PolicyError): string {
  if (binding === undefined) return `policy "${nameOf(policy)}" denied request: ${message}`;
  return `policy '${nameOf(policy)}' with binding '${nameOf(binding)}' denied request: ${message}`;
}

function refuse({ kind, key }: DynamicRequest, errors: readonly PolicyError[]): StatusError | undefined {
  const [first] = errors;
  if (first === undefined) return undefined;
  const { status } = forbidden({ group: kind.group, resource: kind.plural, name: key.name }, '');
  const causes = errors.map((each) => ({ message: sentence(each) }));
  const reason = first.reason ?? status.reason;
  return new StatusError({ ...status, message: sentence(first), reason, details: { ...status.details, causes } });
}

function keyOf({ policy, binding, params }: MutatingInvocation): string {
  const { namespace = '', name = '' } = params?.metadata ?? {};
  return JSON.stringify([nameOf(policy), nameOf(binding), namespace, name]);
}

/** Asks the MutatingAdmissionPolicies that are about a request, one after the other: the object, or a refusal. */
export function askMutatingPolicies(request: DynamicRequest, services: PolicyServices): KubernetesObject | StatusError {
  const { lookup } = services;
  const policies = lookup.list(`${GROUP}/mutatingadmissionpolicies`) as readonly Policy[];
  if (policies.length === 0) return request.object;
  const bindings = lookup.list(`${GROUP}/mutatingadmissionpolicybindings`) as readonly Binding[];
  const reinvocation = reinvocationOf(request, 'MutatingAdmissionPolicy');
  const errors: PolicyError[] = [];
  let { object } = request;
  for (const found of findInvocations(request, { policies, bindings }, services)) {
    if (isConfigurationError(found)) {
      errors.push(found);
      continue;
    }
    const current = { ...request, object };
    const { policy, binding } = found;
    const matches = policyMatches(current, found, services);
    if (typeof matches !== 'boolean') errors.push({ policy, binding, message: matches.error, reason: 'Invalid' });
    if (matches !== true || !reinvocation.shouldInvoke(keyOf(found))) continue;
    const outcome = mutateByPolicy(current, found, services);
    errors.push(...outcome.errors.map((message) => ({ policy, binding, message, reason: 'Invalid' as const })));
    if (!semanticEqual(object, outcome.object)) reinvocation.changed();
    if (policy.spec?.reinvocationPolicy === 'IfNeeded') reinvocation.remember(keyOf(found));
    object = outcome.object;
  }
  reinvocation.finish(object);
  const failing = errors.filter(({ policy }) => policy.spec?.failurePolicy !== 'Ignore');
  return refuse(request, failing) ?? object;
}
