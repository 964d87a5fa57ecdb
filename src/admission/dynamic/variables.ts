import type { KindDefinition } from '../../kinds/definition.ts';
import { authorizerValue, type CheckAuthorizer, resourceCheckValue } from '../../machinery/cel/library/authorizer.ts';
import { plainValue } from '../../machinery/cel/schema-values.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import type { DynamicRequest } from '../plugin.ts';
import { kindOf, namespaceOf, resourceOf, userOf, type VersionedObjects } from './attributes.ts';

/** A request as expressions and webhooks are told of it, but for its objects. `kind` is the version that matched. */
export function describeRequest(request: DynamicRequest, kind: KindDefinition) {
  const { requested, subresource, key, operation, dryRun, operationOptions } = request;
  const user = userOf(request);
  return {
    kind: kindOf(kind, subresource),
    resource: resourceOf(kind),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindOf(requested, subresource),
    requestResource: resourceOf(requested),
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    name: key.name,
    ...(namespaceOf(request) === '' ? {} : { namespace: namespaceOf(request) }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid === '' ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(Object.keys(user.extra).length === 0 ? {} : { extra: user.extra }),
    },
    dryRun,
    options: operationOptions,
  };
}

/** What an expression is evaluated over. */
export interface Evaluated {
  readonly request: DynamicRequest;
  /** The version that matched. */
  readonly kind: KindDefinition;
  readonly objects: VersionedObjects;
  readonly authorize: CheckAuthorizer;
  readonly namespace?: KubernetesObject | undefined;
  readonly params?: KubernetesObject | null;
}

/** What of a namespace expressions may see. */
function shownNamespace(namespace: KubernetesObject): object {
  const { metadata, spec, status } = namespace as KubernetesObject & {
    readonly spec?: object;
    readonly status?: object;
  };
  const { managedFields: _, ownerReferences: __, ...shown } = metadata ?? {};
  return { metadata: shown, spec: spec ?? {}, status: status ?? {} };
}

/** The variables of admission's expressions; `variables` itself is the policy's. */
export function admissionVariables(evaluated: Evaluated): Map<string, unknown> {
  const { request, kind, objects, authorize, namespace, params = null } = evaluated;
  const user = userOf(request);
  const { group, plural: resource } = request.requested;
  const checked = { group, resource, subresource: request.subresource, namespace: namespaceOf(request) };
  return new Map<string, unknown>([
    ['object', plainValue(objects.object)],
    ['oldObject', plainValue(objects.oldObject)],
    ['params', plainValue(params)],
    ['request', plainValue(describeRequest(request, kind))],
    ['namespaceObject', namespace === undefined ? null : plainValue(shownNamespace(namespace))],
    ['authorizer', authorizerValue(user, authorize)],
    ['authorizer.requestResource', resourceCheckValue(user, authorize, { ...checked, name: request.key.name })],
  ]);
}
