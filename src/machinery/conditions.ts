/** The part that all conditions share; kinds add `observedGeneration`, `lastUpdateTime`, `lastProbeTime`. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** The condition of that type. */
export function findCondition<C extends Condition>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of that type is `True`. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * The list with `condition` put in its type's place, or appended. lastTransitionTime becomes `now` (RFC 3339) only
 * when the status changes; an unchanged condition gives back the same list.
 */
export function setCondition<C extends Condition>(
  conditions: readonly C[] | undefined,
  condition: C,
  now: string,
): readonly C[] {
  const list = conditions ?? [];
  const position = list.findIndex((c) => c.type === condition.type);
  const before = list[position];
  if (before === undefined) return [...list, { ...condition, lastTransitionTime: condition.lastTransitionTime ?? now }];
  const turned = before.status !== condition.status;
  const lastTransitionTime = turned ? (condition.lastTransitionTime ?? now) : before.lastTransitionTime;
  const after: C = { ...before, ...condition, lastTransitionTime };
  return isSameCondition(before, after) ? list : list.with(position, after);
}

function isSameCondition(a: Condition, b: Condition): boolean {
  const left: { readonly [field: string]: unknown } = { ...a };
  return Object.entries(b).every(([field, value]) => left[field] === value);
}

/** The list without the condition of that type. */
export function removeCondition<C extends Condition>(conditions: readonly C[] | undefined, type: string): readonly C[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
