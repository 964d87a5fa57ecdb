import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../kinds/types.ts';
import { forbidden, StatusError } from '../../machinery/status-error.ts';
import type { DynamicRequest } from '../plugin.ts';
import { findInvocations, isConfigurationError, nameOf, type PolicyServices } from './invocations.ts';
import { type Denial, type Verdict, validateByPolicy } from './validate-by-policy.ts';

const GROUP = 'admissionregistration.k8s.io';
const FAILURE_KEY = 'validation.policy.admission.k8s.io/validation_failure';

const CODES: { readonly [reason: string]: number } = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

type Policy = ValidatingAdmissionPolicy;
type Binding = ValidatingAdmissionPolicyBinding;

/** The first thing that refuses a request. */
interface Refusal {
  readonly policy: Policy;
  readonly binding?: Binding;
  readonly message: string;
  readonly reason: string;
}

function refuse({ kind, key }: DynamicRequest, { policy, binding, message, reason }: Refusal): StatusError {
  const by = binding === undefined ? '' : ` with binding '${nameOf(binding)}'`;
  const text = `ValidatingAdmissionPolicy '${nameOf(policy)}'${by} denied request: ${message}`;
  const { status } = forbidden({ group: kind.group, resource: kind.plural, name: key.name }, text);
  const details = { ...status.details, causes: [{ message: text }] };
  return new StatusError({ ...status, reason, code: CODES[reason] ?? 422, details });
}

function act(request: DynamicRequest, { policy, binding }: { policy: Policy; binding: Binding }, denial: Denial): void {
  const actions = binding.spec?.validationActions ?? [];
  const names = `ValidatingAdmissionPolicy '${nameOf(policy)}' with binding '${nameOf(binding)}'`;
  if (actions.includes('Warn')) request.warn(`Validation failed for ${names}: ${denial.message}`);
  if (!actions.includes('Audit')) return;
  const { message, index: expressionIndex } = denial;
  const failure = { message, policy: nameOf(policy), binding: nameOf(binding), expressionIndex };
  request.annotate(FAILURE_KEY, JSON.stringify([{ ...failure, validationActions: actions }]));
}

/** Values of one annotation from several bindings are one list. */
function publish(request: DynamicRequest, all: ReadonlyMap<string, readonly string[]>): void {
  for (const [key, values] of all) request.annotate(key, [...new Set(values)].join(', '));
}

function gather(all: Map<string, string[]>, policy: Policy, { annotations }: Verdict): void {
  for (const { key, value } of annotations) {
    const full = `${nameOf(policy)}/${key}`;
    all.set(full, [...(all.get(full) ?? []), value]);
  }
}

/** Asks the ValidatingAdmissionPolicies that are about a request; undefined where all let it through. */
export function askValidatingPolicies(request: DynamicRequest, services: PolicyServices): StatusError | undefined {
  const { lookup } = services;
  const policies = lookup.list(`${GROUP}/validatingadmissionpolicies`) as readonly Policy[];
  if (policies.length === 0) return undefined;
  const bindings = lookup.list(`${GROUP}/validatingadmissionpolicybindings`) as readonly Binding[];
  const refusals: Refusal[] = [];
  const annotations = new Map<string, string[]>();
  for (const found of findInvocations(request, { policies, bindings }, services)) {
    const { policy, binding } = found;
    if (isConfigurationError(found)) {
      const denies = policy.spec?.failurePolicy !== 'Ignore';
      if (denies) refusals.push({ policy, ...(binding && { binding }), message: found.message, reason: 'Invalid' });
      continue;
    }
    const verdict = validateByPolicy(request, found, services);
    gather(annotations, policy, verdict);
    const denies = found.binding.spec?.validationActions?.includes('Deny') === true;
    for (const denial of verdict.denials) {
      act(request, found, denial);
      if (denies) refusals.push({ policy, binding: found.binding, ...denial });
    }
    const wrong = verdict.annotationErrors.map((message) => ({ message, reason: 'Invalid' }));
    refusals.push(...wrong.map((each) => ({ policy, binding: found.binding, ...each })));
  }
  publish(request, annotations);
  const [first] = refusals;
  return first && refuse(request, first);
}
