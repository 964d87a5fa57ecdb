import type { FieldError } from '../field-error.ts';
import { aggregateFieldErrors, invalidValue } from '../field-path.ts';
import { goQuote } from '../go-format.ts';
import { isLabelValue, isQualifiedName } from '../names.ts';
import { type Parsed, parsed, unparsable } from '../parsed.ts';

/** How one requirement compares. `gt` and `lt` compare integers. */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

/** `labels.Requirement`. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** Requirements that all have to hold; 'nothing' matches no object, an empty list every one. */
export type LabelSelector = 'nothing' | readonly LabelRequirement[];

/** Labels of an object. */
export type Labels = { readonly [key: string]: string } | undefined;

/** `metav1.LabelSelector` as it stands in objects. */
export interface LabelSelectorObject {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

const ARITY: { readonly [operator in LabelOperator]: (count: number) => string | undefined } = {
  in: (n) => (n === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined),
  notin: (n) => (n === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined),
  '=': (n) => (n === 1 ? undefined : 'exact-match compatibility requires one single value'),
  '==': (n) => (n === 1 ? undefined : 'exact-match compatibility requires one single value'),
  '!=': (n) => (n === 1 ? undefined : 'exact-match compatibility requires one single value'),
  exists: (n) => (n === 0 ? undefined : 'values set must be empty for exists and does not exist'),
  '!': (n) => (n === 0 ? undefined : 'values set must be empty for exists and does not exist'),
  gt: (n) => (n === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required"),
  lt: (n) => (n === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required"),
};

function valueErrors(requirement: LabelRequirement): readonly FieldError[] {
  return requirement.values.flatMap((value, i) => {
    const messages = isLabelValue(value);
    return messages.length === 0 ? [] : [invalidValue(`values[${i}][${requirement.key}]`, value, messages.join('; '))];
  });
}

function integerErrors(requirement: LabelRequirement): readonly FieldError[] {
  if (requirement.operator !== 'gt' && requirement.operator !== 'lt') return [];
  return requirement.values.flatMap((value, i) =>
    parseInteger(value) === undefined
      ? [invalidValue(`values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer")]
      : [],
  );
}

/** `labels.NewRequirement`: the requirement, or the sentences about its key and values. */
export function newRequirement(requirement: LabelRequirement): Parsed<LabelRequirement> {
  const { key, operator, values } = requirement;
  const keyMessages = isQualifiedName(key);
  const arity = ARITY[operator](values.length);
  const errors = [
    ...(keyMessages.length === 0 ? [] : [invalidValue('key', key, keyMessages.join('; '))]),
    ...(arity === undefined ? [] : [invalidValue('values', values, arity)]),
    ...integerErrors(requirement),
    ...valueErrors(requirement),
  ];
  return errors.length === 0 ? parsed(requirement) : unparsable(aggregateFieldErrors(errors));
}

function parseInteger(text: string): bigint | undefined {
  return /^[-+]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
}

function compareIntegers(operator: 'gt' | 'lt', label: string | undefined, bound: string | undefined): boolean {
  const a = label === undefined ? undefined : parseInteger(label);
  const b = bound === undefined ? undefined : parseInteger(bound);
  if (a === undefined || b === undefined) return false;
  return operator === 'gt' ? a > b : a < b;
}

function lookup(labels: Labels, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function requirementMatches({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = lookup(labels, key);
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    default:
      return compareIntegers(operator, value, values[0]);
  }
}

/** Whether labels satisfy a selector. */
export function matchesLabels(selector: LabelSelector, labels: Labels): boolean {
  return selector !== 'nothing' && selector.every((requirement) => requirementMatches(requirement, labels));
}

function printRequirement({ key, operator, values }: LabelRequirement): string {
  const sorted = [...values].sort().join(',');
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${sorted})`;
    case 'gt':
      return `${key}>${sorted}`;
    case 'lt':
      return `${key}<${sorted}`;
    default:
      return `${key}${operator}${sorted}`;
  }
}

/** The query form, requirements in order of their keys; '' selects everything. */
export function printLabelSelector(selector: LabelSelector): string {
  return selector === 'nothing' ? '' : selector.map(printRequirement).join(',');
}

/** Requirements in the order that upstream keeps them. */
export function sortRequirements(requirements: readonly LabelRequirement[]): readonly LabelRequirement[] {
  return [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

const OBJECT_OPERATORS: { readonly [operator: string]: LabelOperator } = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** `LabelSelectorAsSelector`: absent selects nothing, empty everything. */
export function labelSelectorOf(object: LabelSelectorObject | undefined | null): Parsed<LabelSelector> {
  if (object === undefined || object === null) return parsed('nothing');
  const requirements: LabelRequirement[] = [];
  for (const [key, value] of Object.entries(object.matchLabels ?? {})) {
    requirements.push({ key, operator: '=', values: [value] });
  }
  for (const { key, operator, values = [] } of object.matchExpressions ?? []) {
    const known = Object.hasOwn(OBJECT_OPERATORS, operator) ? OBJECT_OPERATORS[operator] : undefined;
    if (known === undefined) return unparsable(`${goQuote(operator)} is not a valid label selector operator`);
    requirements.push({ key, operator: known, values });
  }
  for (const requirement of requirements) {
    const checked = newRequirement(requirement);
    if (!checked.ok) return checked;
  }
  return parsed(sortRequirements(requirements));
}

/** Exact labels as a selector (`labels.SelectorFromSet`): a Service's or ReplicationController's. */
export function selectorFromSet(labels: Labels): LabelSelector {
  return sortRequirements(
    Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] })),
  );
}
