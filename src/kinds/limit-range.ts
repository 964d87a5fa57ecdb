import { defineKind } from './define-kind.ts';
import { validateLimitRange } from './limit-range-validation.ts';
import type { Draft, LimitRange, Sparse } from './types.ts';

type Object = Draft<LimitRange>;
type Item = NonNullable<NonNullable<Sparse<LimitRange>['spec']>['limits']>[number];

/** `SetDefaults_LimitRangeItem`: a container's max is its default limit, and so on down to the request. */
function itemDefaults(item: Item): Item {
  if (item.type !== 'Container') return item;
  const limits = { ...item.max, ...item.default };
  return { ...item, default: limits, defaultRequest: { ...item.min, ...limits, ...item.defaultRequest } };
}

function applyDefaults(range: Object): Object {
  const limits = range.spec?.limits;
  return limits ? { ...range, spec: { ...range.spec, limits: limits.map(itemDefaults) } } : range;
}

/** core/v1 LimitRange. */
export const limitRangeKind = defineKind<Object>({
  kind: 'LimitRange',
  createsOnUpdate: true,
  shortNames: ['limits'],
  prepareForCreate: (range) =>
    range.metadata?.name ? range : { ...range, metadata: { ...range.metadata, name: range.metadata?.uid ?? '' } },
  defaults: applyDefaults,
  validate: validateLimitRange,
  support: { level: 'full', note: 'Defaults and bounds are enforced.' },
});
