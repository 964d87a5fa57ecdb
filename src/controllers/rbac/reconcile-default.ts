import { missingRules } from '../../kinds/policy-rules/missing-rules.ts';
import type { ClusterRole, ClusterRoleBinding, RbacSubject, Role, RoleBinding } from '../../kinds/types.ts';
import { deepEqual } from '../../machinery/deep.ts';
import type { ObjectMeta } from '../../machinery/object.ts';

type AnyRole = Role | ClusterRole;
type AnyBinding = RoleBinding | ClusterRoleBinding;

/** Says whether a default object is kept up to date; `false` leaves it to the administrator. */
export const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

/** Whether the administrator has taken an object over. */
export function isProtected({ metadata }: { readonly metadata?: ObjectMeta }): boolean {
  return metadata?.annotations?.[AUTO_UPDATE] === 'false';
}

/** Labels and annotations of the default, where the stored object hasn't its own. */
function mergeMeta(stored: ObjectMeta = {}, wanted: ObjectMeta = {}): ObjectMeta {
  return {
    ...stored,
    labels: { ...wanted.labels, ...stored.labels },
    annotations: { ...wanted.annotations, ...stored.annotations },
  };
}

/**
 * A stored role with what it lacks of the default one: permissions are added, never taken away. Undefined when it
 * lacks nothing.
 */
export function reconcileRole<T extends AnyRole>(stored: T, wanted: T): T | undefined {
  const aggregation = 'aggregationRule' in wanted ? { aggregationRule: wanted.aggregationRule } : {};
  const missing = missingRules(stored.rules ?? [], wanted.rules ?? []);
  const metadata = mergeMeta(stored.metadata, wanted.metadata);
  const merged = { ...stored, metadata, ...aggregation, rules: [...(stored.rules ?? []), ...missing] } as T;
  const same = missing.length === 0 && deepEqual(merged.metadata, mergeMeta(stored.metadata));
  const sameAggregation = !('aggregationRule' in wanted) || deepEqual({ ...stored, ...aggregation }, stored);
  return same && sameAggregation ? undefined : merged;
}

function isSameSubject(a: RbacSubject, b: RbacSubject): boolean {
  return a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
}

/** A stored binding with the subjects that it lacks; undefined when it lacks nothing. */
export function reconcileBinding<T extends AnyBinding>(stored: T, wanted: T): T | undefined {
  const present = stored.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter((each) => !present.some((other) => isSameSubject(each, other)));
  const metadata = mergeMeta(stored.metadata, wanted.metadata);
  if (missing.length === 0 && deepEqual(metadata, mergeMeta(stored.metadata))) return undefined;
  return { ...stored, metadata, subjects: [...present, ...missing] };
}

/** Whether a binding grants another role than the default: roleRef can't be changed, it must be made anew. */
export function bindsOtherRole({ roleRef: stored }: AnyBinding, { roleRef: wanted }: AnyBinding): boolean {
  return stored.kind !== wanted.kind || stored.name !== wanted.name;
}
