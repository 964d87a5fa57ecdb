import type { KindDefinition } from '../../kinds/definition.ts';
import type { CheckAuthorizer } from '../../machinery/cel/library/authorizer.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { StatusError } from '../../machinery/status-error.ts';
import { namespaceOf } from '../dynamic/attributes.ts';
import { type Criteria, matchRequest, type VersionsOf } from '../dynamic/match-request.ts';
import { collectParams, type ParamKind, type ParamRef, paramDefinition, unknownParamKind } from '../dynamic/params.ts';
import type { AdmissionLookup, DynamicRequest } from '../plugin.ts';

/** A policy, in so far as both kinds are alike. */
export interface Policy extends KubernetesObject {
  readonly spec?: {
    readonly failurePolicy?: string;
    readonly matchConstraints?: Criteria;
    readonly paramKind?: ParamKind;
  };
}

/** A binding, in so far as both kinds are alike. */
export interface Binding extends KubernetesObject {
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: Criteria;
  };
}

/** What policies need to know of the house. */
export interface PolicyServices {
  readonly lookup: AdmissionLookup;
  readonly versionsOf: VersionsOf;
  readonly definitions: () => readonly KindDefinition[];
  readonly authorize: CheckAuthorizer;
}

/** A policy that is about a request, in a version, by a binding, with parameters. */
export interface Invocation<P extends Policy, B extends Binding> {
  readonly policy: P;
  readonly binding: B;
  readonly kind: KindDefinition;
  readonly params: KubernetesObject | null;
}

/** A policy that couldn't be asked. */
export interface ConfigurationError<P extends Policy, B extends Binding> {
  readonly policy: P;
  readonly binding?: B;
  readonly message: string;
}

type Found<P extends Policy, B extends Binding> = readonly (Invocation<P, B> | ConfigurationError<P, B>)[];

/** Whether something went wrong before the policy could be asked. */
export function isConfigurationError<P extends Policy, B extends Binding>(
  found: Invocation<P, B> | ConfigurationError<P, B>,
): found is ConfigurationError<P, B> {
  return 'message' in found;
}

/** Name of an object. */
export function nameOf({ metadata }: KubernetesObject): string {
  return metadata?.name ?? '';
}

function sentence(error: StatusError): string {
  return error.status.message ?? '';
}

interface Matched<P extends Policy> {
  readonly policy: P;
  readonly kind: KindDefinition;
  readonly definition: KindDefinition | undefined;
}

function byBinding<P extends Policy, B extends Binding>(
  { policy, kind, definition }: Matched<P>,
  binding: B,
  { request, services }: { readonly request: DynamicRequest; readonly services: PolicyServices },
): Found<P, B> {
  const failed = (why: string) => [{ policy, binding, message: `failed to configure binding: ${why}` }];
  const criteria = binding.spec?.matchResources;
  const matched = criteria === undefined ? kind : matchRequest(criteria, request, services);
  if (matched === undefined) return [];
  if (matched instanceof StatusError) return failed(sentence(matched));
  const place = { namespace: namespaceOf(request), lookup: services.lookup };
  const params = collectParams(definition, binding.spec?.paramRef, place);
  if ('error' in params) return failed(params.error);
  return params.map((each) => ({ policy, binding, kind, params: each }));
}

/** Every policy that is about a request, once for each binding and its parameters, in the order of their names. */
export function findInvocations<P extends Policy, B extends Binding>(
  request: DynamicRequest,
  { policies, bindings }: { readonly policies: readonly P[]; readonly bindings: readonly B[] },
  services: PolicyServices,
): Found<P, B> {
  return policies.flatMap((policy): Found<P, B> => {
    const own = bindings.filter((binding) => binding.spec?.policyName === nameOf(policy));
    if (own.length === 0) return [];
    const { matchConstraints, paramKind } = policy.spec ?? {};
    const kind = matchRequest(matchConstraints ?? {}, request, services);
    if (kind === undefined) return [];
    const failed = (why: string) => [{ policy, message: `failed to configure policy: ${why}` }];
    if (kind instanceof StatusError) return failed(sentence(kind));
    const definition = paramKind && paramDefinition(services.definitions(), paramKind);
    if (paramKind !== undefined && definition === undefined) return failed(unknownParamKind(paramKind));
    return own.flatMap((binding) => byBinding({ policy, kind, definition }, binding, { request, services }));
  });
}

/** The namespace of a request; undefined for what is in none. */
export function requestNamespace(request: DynamicRequest, lookup: AdmissionLookup): KubernetesObject | undefined {
  const { namespace } = request.key;
  return namespace === '' ? undefined : lookup.get('/namespaces', { namespace: '', name: namespace });
}
