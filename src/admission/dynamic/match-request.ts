import type { KindDefinition } from '../../kinds/definition.ts';
import { parseDraftSelector } from '../../kinds/label-selector.ts';
import type { LabelSelector, Sparse } from '../../kinds/types.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { matchesLabels } from '../../machinery/selectors.ts';
import { internalError, notFound, StatusError } from '../../machinery/status-error.ts';
import type { AdmissionLookup, DynamicRequest } from '../plugin.ts';
import { namespaceOf, resourceOf } from './attributes.ts';
import { matchesRule, type Rule } from './match-rule.ts';

/** Which requests a webhook, policy or binding is about. */
export interface Criteria {
  readonly namespaceSelector?: Sparse<LabelSelector>;
  readonly objectSelector?: Sparse<LabelSelector>;
  readonly matchPolicy?: string;
  readonly resourceRules?: readonly Rule[];
  readonly excludeResourceRules?: readonly Rule[];
}

/** All versions of a resource that are served, other groups that show it among them. */
export type VersionsOf = (kind: KindDefinition) => readonly KindDefinition[];

/** Configuration of admission is never judged by what it configures: nobody could get out again. */
export function isExempt({ kind }: DynamicRequest): boolean {
  if (kind.group !== 'admissionregistration.k8s.io') return false;
  return /^(?:validating|mutating)(?:webhookconfigurations|admissionpolic(?:ies|ybindings))$/.test(kind.plural);
}

type Labels = { readonly [key: string]: string };
type Selection = boolean | StatusError;

function selects(selector: Sparse<LabelSelector> | undefined, labels: readonly (Labels | undefined)[]): Selection {
  const parsed = parseDraftSelector(selector ?? {});
  if (!parsed.ok) return internalError(parsed.message);
  return parsed.value.length === 0 || labels.some((each) => each !== undefined && matchesLabels(parsed.value, each));
}

/** Labels of the namespace that counts: what is written of a namespace itself. */
function namespaceLabels(request: DynamicRequest, lookup: AdmissionLookup): Labels | StatusError {
  const { kind, operation, subresource, object } = request;
  const isNamespace = kind.group === '' && kind.plural === 'namespaces';
  if (isNamespace && subresource === '' && operation !== 'DELETE') return object.metadata?.labels ?? {};
  const name = namespaceOf(request);
  const namespace = lookup.get('/namespaces', { namespace: '', name });
  return namespace?.metadata?.labels ?? (namespace ? {} : notFound({ group: '', resource: 'namespaces', name }));
}

function matchesNamespace({ namespaceSelector }: Criteria, request: DynamicRequest, lookup: AdmissionLookup) {
  if (namespaceOf(request) === '') return true;
  if (Object.keys(namespaceSelector ?? {}).length === 0) return true;
  const labels = namespaceLabels(request, lookup);
  return labels instanceof StatusError ? labels : selects(namespaceSelector, [labels]);
}

function labelsOf(object: KubernetesObject | undefined): Labels | undefined {
  return object?.metadata && (object.metadata.labels ?? {});
}

function matchesObject({ objectSelector }: Criteria, { operation, object, old }: DynamicRequest): Selection {
  return selects(objectSelector, [operation === 'DELETE' ? undefined : labelsOf(object), labelsOf(old)]);
}

/** The version by which a rule is about the request: the client's own first, others where that is wanted. */
function matchingVersion(
  rules: readonly Rule[] | undefined,
  policy: string | undefined,
  { request, versionsOf }: { readonly request: DynamicRequest; readonly versionsOf: VersionsOf },
): KindDefinition | undefined {
  const { requested } = request;
  if (rules?.some((rule) => matchesRule(rule, request, resourceOf(requested)))) return requested;
  if (policy === 'Exact' || !rules?.length) return undefined;
  const others = versionsOf(request.kind).filter((kind) => kind !== requested);
  for (const rule of rules) {
    const found = others.find((kind) => matchesRule(rule, request, resourceOf(kind)));
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The version in which the request is to be judged; undefined where the criteria are about others, an error where a
 * selector couldn't be asked.
 */
export function matchRequest(
  criteria: Criteria,
  request: DynamicRequest,
  { lookup, versionsOf }: { readonly lookup: AdmissionLookup; readonly versionsOf: VersionsOf },
): KindDefinition | StatusError | undefined {
  const selected = [matchesNamespace(criteria, request, lookup), matchesObject(criteria, request)];
  if (selected.includes(false)) return undefined;
  const { resourceRules, excludeResourceRules, matchPolicy } = criteria;
  const place = { request, versionsOf };
  if (matchingVersion(excludeResourceRules, matchPolicy, place) !== undefined) return undefined;
  const all = resourceRules === undefined || resourceRules.length === 0;
  const kind = all ? request.requested : matchingVersion(resourceRules, matchPolicy, place);
  return kind && (selected.find((each) => each instanceof StatusError) ?? kind);
}
