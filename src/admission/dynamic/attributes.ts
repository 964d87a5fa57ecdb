import type { KindDefinition } from '../../kinds/definition.ts';
import { isView, toStored, toViewed } from '../../kinds/view.ts';
import { apiVersionOf, type GroupVersionKind, type KubernetesObject } from '../../machinery/object.ts';
import type { AdmissionUser, DynamicRequest } from '../plugin.ts';

/** A resource in a version. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** Who writes where nobody says so: the house's own controllers. */
const HOUSE: Required<AdmissionUser> = {
  name: 'system:kube-controller-manager',
  uid: '',
  groups: ['system:authenticated'],
  extra: {},
};

/** The resource of a kind. */
export function resourceOf({ group, version, plural }: KindDefinition): GroupVersionResource {
  return { group, version, resource: plural };
}

/** The type of what a request carries: a subresource may have its own. */
export function kindOf(kind: KindDefinition, subresource: string): GroupVersionKind {
  const own = kind.subresources.find(({ name }) => name === subresource)?.kind;
  const { group, version, kind: name } = own ?? kind;
  return { group, version, kind: name };
}

/** The user of a request, in full. */
export function userOf({ user = HOUSE }: DynamicRequest): Required<AdmissionUser> {
  return { name: user.name, groups: user.groups, uid: user.uid ?? '', extra: user.extra ?? {} };
}

/** The request's namespace as upstream's attributes have it: a namespace is in itself. */
export function namespaceOf({ kind, key }: DynamicRequest): string {
  return kind.group === '' && kind.plural === 'namespaces' ? key.name : key.namespace;
}

/** What a request is about in one version: nothing goes in with a DELETE, nothing was there before a CREATE. */
export interface VersionedObjects {
  readonly object: KubernetesObject | null;
  readonly oldObject: KubernetesObject | null;
}

/** An object as another version shows it; versions of a custom kind differ by their names here. */
export function inVersion(kind: KindDefinition, object: KubernetesObject): KubernetesObject {
  if (isView(kind)) return toViewed(kind, object);
  return kind.custom === undefined ? object : { ...object, apiVersion: apiVersionOf(kind) };
}

/** The objects of a request as a version shows them. */
export function versioned({ operation, object, old }: DynamicRequest, kind: KindDefinition): VersionedObjects {
  if (operation === 'CONNECT') return { object, oldObject: null };
  return {
    object: operation === 'DELETE' ? null : inVersion(kind, object),
    oldObject: old === undefined ? null : inVersion(kind, old),
  };
}

/** A version's object as the one that the request is about. */
export function unversioned(
  { kind: own }: DynamicRequest,
  kind: KindDefinition,
  object: KubernetesObject,
): KubernetesObject {
  return isView(kind) ? toStored(kind, object) : inVersion(own, object);
}
