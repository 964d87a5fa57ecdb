import { child, duplicate, forbiddenField, invalidValue, key, required } from '../machinery/field-path.ts';
import { isQualifiedName } from '../machinery/names.ts';
import {
  compareQuantities,
  formatQuantity,
  type Quantity,
  quantityOf,
  quantityToFloat,
} from '../machinery/quantity.ts';
import { validateEach } from './each.ts';
import {
  allowsOvercommit,
  validateContainerResourceName,
  validateResourceName,
} from './pod-spec/resources-validation.ts';
import { type Amounts, amountsOf } from './quota/amounts.ts';
import type { Draft, LimitRange } from './types.ts';
import { type Findings, validateName } from './validation.ts';

type Object = Draft<LimitRange>;
type Item = NonNullable<NonNullable<Object['spec']>['limits']>[number];

const TYPES = ['Container', 'PersistentVolumeClaim', 'Pod'];
const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type List = (typeof LISTS)[number];

function validateType(type: string, path: string): Findings {
  const sound = validateName(isQualifiedName, type, path);
  if (type.includes('/') || TYPES.includes(type) || sound.length > 0) return sound;
  return [invalidValue(path, type, 'must be a standard limit type or fully qualified')];
}

function validateNames(item: Item, list: List, path: string): Findings {
  const check = item.type === 'Pod' || item.type === 'Container' ? validateContainerResourceName : validateResourceName;
  const at = child(path, list);
  return Object.keys(item[list] ?? {}).flatMap((name) => check(name, key(at, name)));
}

function validateLists(item: Item, path: string): Findings {
  const forPod = "may not be specified when `type` is 'Pod'";
  return LISTS.flatMap((list) => {
    const isDefault = list === 'default' || list === 'defaultRequest';
    if (item.type !== 'Pod' || !isDefault) return validateNames(item, list, path);
    return Object.keys(item[list] ?? {}).length > 0 ? [forbiddenField(child(path, list), forPod)] : [];
  });
}

interface Order {
  readonly low: readonly [List, string];
  readonly high: readonly [List, string];
  /** The list whose field is to blame, and the one whose value is shown. */
  readonly blame: readonly [List, List];
}

const ORDERS: readonly Order[] = [
  { low: ['min', 'min'], high: ['max', 'max'], blame: ['min', 'min'] },
  { low: ['min', 'min'], high: ['defaultRequest', 'default request'], blame: ['defaultRequest', 'defaultRequest'] },
  { low: ['defaultRequest', 'default request'], high: ['max', 'max'], blame: ['defaultRequest', 'defaultRequest'] },
  {
    low: ['defaultRequest', 'default request'],
    high: ['default', 'default limit'],
    blame: ['defaultRequest', 'defaultRequest'],
  },
  { low: ['min', 'min'], high: ['default', 'default'], blame: ['default', 'min'] },
  { low: ['default', 'default'], high: ['max', 'max'], blame: ['default', 'max'] },
];

type Amount = (list: List) => Quantity | undefined;

function validateOrders(of: Amount, path: string, name: string): Findings {
  return ORDERS.flatMap(({ low, high, blame: [field, shown] }) => {
    const [a, b, value] = [of(low[0]), of(high[0]), of(shown)];
    if (a === undefined || b === undefined || value === undefined || compareQuantities(a, b) <= 0) return [];
    const detail = `${low[1]} value ${formatQuantity(a)} is greater than ${high[1]} value ${formatQuantity(b)}`;
    return [invalidValue(key(child(path, field), name), formatQuantity(value), detail)];
  });
}

function validateRatio(of: Amount, path: string, name: string): Findings {
  const [ratio, min, max] = [of('maxLimitRequestRatio'), of('min'), of('max')];
  if (ratio === undefined) return [];
  const field = key(child(path, 'maxLimitRequestRatio'), name);
  const text = formatQuantity(ratio);
  const limit = min && max ? quantityToFloat(max) / quantityToFloat(min) : Number.POSITIVE_INFINITY;
  return [
    ...(compareQuantities(ratio, quantityOf(1)) < 0 ? [invalidValue(field, text, `ratio ${text} is less than 1`)] : []),
    ...(quantityToFloat(ratio) > limit
      ? [invalidValue(field, text, `ratio ${text} is greater than max/min = ${limit.toFixed(6)}`)]
      : []),
  ];
}

function validateFixed(of: Amount, path: string, name: string): Findings {
  const [limit, request] = [of('default'), of('defaultRequest')];
  if (allowsOvercommit(name) || !limit || !request || compareQuantities(limit, request) === 0) return [];
  const [a, b] = [formatQuantity(limit), formatQuantity(request)];
  const detail = `default value ${a} must equal to defaultRequest value ${b} in ${name}`;
  return [invalidValue(key(child(path, 'default'), name), a, detail)];
}

function validateValues(item: Item, path: string): Findings {
  const lists = new Map<List, Amounts>(LISTS.map((list) => [list, amountsOf(item[list])]));
  const names = new Set([...lists.values()].flatMap((amounts) => [...amounts.keys()]));
  return [...names].sort().flatMap((name) => {
    const of: Amount = (list) => lists.get(list)?.get(name);
    return [...validateOrders(of, path, name), ...validateRatio(of, path, name), ...validateFixed(of, path, name)];
  });
}

function validateClaims(item: Item, path: string): Findings {
  const bounded = item.min?.['storage'] !== undefined || item.max?.['storage'] !== undefined;
  if (item.type !== 'PersistentVolumeClaim' || bounded) return [];
  const detail = 'either minimum or maximum storage value is required, but neither was provided';
  return [required(child(path, 'limits'), detail)];
}

/** `ValidateLimitRange`. */
export function validateLimitRange({ spec }: Object): Findings {
  const limits = spec?.limits ?? [];
  return validateEach(limits, 'spec.limits', (item, path, position) => [
    ...validateType(item.type ?? '', child(path, 'type')),
    ...(limits.findIndex((other) => other.type === item.type) < position
      ? [duplicate(child(path, 'type'), item.type)]
      : []),
    ...validateLists(item, path),
    ...validateClaims(item, path),
    ...validateValues(item, path),
  ]);
}
