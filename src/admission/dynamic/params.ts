import type { KindDefinition } from '../../kinds/definition.ts';
import { parseDraftSelector } from '../../kinds/label-selector.ts';
import type { LabelSelector, Sparse } from '../../kinds/types.ts';
import { apiVersionOf, type KubernetesObject } from '../../machinery/object.ts';
import { matchesLabels } from '../../machinery/selectors.ts';
import type { AdmissionLookup } from '../plugin.ts';
import { inVersion } from './attributes.ts';

/** Kind of a policy's parameters. */
export interface ParamKind {
  readonly apiVersion?: string;
  readonly kind?: string;
}

/** Which parameters a binding chooses. */
export interface ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: Sparse<LabelSelector>;
  readonly parameterNotFoundAction?: string;
}

/** Parameters to judge by, each by itself; or what is wrong with how they are chosen. `null` is none at all. */
export type Params = readonly (KubernetesObject | null)[] | { readonly error: string };

/** The definition of a kind of parameters; undefined where it isn't served. */
export function paramDefinition(
  definitions: readonly KindDefinition[],
  { apiVersion = '', kind = '' }: ParamKind,
): KindDefinition | undefined {
  return definitions.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion && !each.virtual);
}

/** Upstream's sentence for a kind of parameters that isn't served. */
export function unknownParamKind({ apiVersion = '', kind = '' }: ParamKind): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return `failed to find resource referenced by paramKind: '${group}/${version}, Kind=${kind}'`;
}

interface Choice {
  readonly definition: KindDefinition;
  readonly ref: ParamRef;
  /** Of the request. */
  readonly namespace: string;
  readonly lookup: AdmissionLookup;
}

function found({ definition, ref, lookup }: Choice, namespace: string): readonly KubernetesObject[] {
  const stored = definition.view?.of ?? definition;
  const resource = `${stored.group}/${stored.plural}`;
  if (ref.name) {
    const one = lookup.get(resource, { namespace, name: ref.name });
    return one === undefined ? [] : [one];
  }
  const selector = parseDraftSelector(ref.selector);
  if (!selector.ok) return [];
  return lookup
    .list(resource)
    .filter(({ metadata = {} }) => (metadata.namespace ?? '') === namespace)
    .filter(({ metadata = {} }) => matchesLabels(selector.value, metadata.labels ?? {}));
}

function placeOf({ definition, ref, namespace }: Choice): string | { readonly error: string } {
  if (!definition.namespaced) {
    return ref.namespace ? { error: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' } : '';
  }
  const place = ref.namespace || namespace;
  if (place !== '') return place;
  return { error: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' };
}

/** `CollectParams`: the parameters that a binding chooses for a request. */
export function collectParams(
  definition: KindDefinition | undefined,
  ref: ParamRef | undefined,
  { namespace, lookup }: { readonly namespace: string; readonly lookup: AdmissionLookup },
): Params {
  if (definition === undefined || ref === undefined) return [null];
  const choice = { definition, ref, namespace, lookup };
  const place = placeOf(choice);
  if (typeof place !== 'string') return place;
  const params = found(choice, place);
  if (params.length === 0 && ref.parameterNotFoundAction === 'Deny') {
    return { error: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
  }
  return params.map((each) => inVersion(definition, each));
}
