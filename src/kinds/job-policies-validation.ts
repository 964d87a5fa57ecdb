import {
  child,
  duplicate,
  index,
  invalidField,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../machinery/field-path.ts';
import { goQuote } from '../machinery/go-format.ts';
import { isQualifiedName } from '../machinery/names.ts';
import { countJobIndexes } from './job-indexes.ts';
import type { JobSpec, Sparse } from './types.ts';
import { type Findings, validateName, validateNonNegative } from './validation.ts';

type Spec = Sparse<JobSpec>;
type FailureRule = NonNullable<NonNullable<Spec['podFailurePolicy']>['rules']>[number];
type SuccessRule = NonNullable<NonNullable<Spec['successPolicy']>['rules']>[number];
type ExitCodes = NonNullable<FailureRule['onExitCodes']>;

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_PATTERNS = 20;
const MAX_SUCCEEDED_INDEXES = 64 * 1024;

function atMost(count: number, most: number, path: string): Findings {
  return count > most ? [tooMany(path, count, most)] : [];
}

/** One of a few words; upstream lists them as Go prints a slice where there is none at all. */
function oneOf(value: string, allowed: readonly string[], path: string): Findings {
  if (value === '') return [required(path, `valid values: [${allowed.map(goQuote).join(' ')}]`)];
  return allowed.includes(value) ? [] : [notSupported(path, value, allowed)];
}

function validateCodes({ operator = '', values = [] }: ExitCodes, path: string): Findings {
  if (values.length === 0) return [invalidValue(path, values, 'at least one value is required')];
  return [
    ...atMost(values.length, MAX_EXIT_CODES, path),
    ...values.flatMap((code, at) => [
      ...(operator === 'In' && code === 0
        ? [invalidValue(index(path, at), code, 'must not be 0 for the In operator')]
        : []),
      ...(values.indexOf(code) < at ? [duplicate(index(path, at), code)] : []),
    ]),
    ...(values.some((code, at) => at > 0 && (values[at - 1] ?? 0) > code)
      ? [invalidValue(path, values, 'must be ordered')]
      : []),
  ];
}

function validateExitCodes(codes: ExitCodes, { template }: Spec, path: string): Findings {
  const { operator = '', containerName } = codes;
  const names = [...(template?.spec?.containers ?? []), ...(template?.spec?.initContainers ?? [])].map((c) => c.name);
  const detail = 'must be one of the container or initContainer names in the pod template';
  return [
    ...oneOf(operator, ['In', 'NotIn'], child(path, 'operator')),
    ...(containerName !== undefined && !names.includes(containerName)
      ? [invalidValue(child(path, 'containerName'), containerName, detail)]
      : []),
    ...validateCodes(codes, child(path, 'values')),
  ];
}

function validatePatterns(patterns: NonNullable<FailureRule['onPodConditions']>, path: string): Findings {
  return [
    ...atMost(patterns.length, MAX_PATTERNS, path),
    ...patterns.flatMap(({ type = '', status = '' }, at) => [
      ...validateName(isQualifiedName, type, child(index(path, at), 'type')),
      ...oneOf(status, ['False', 'True', 'Unknown'], child(index(path, at), 'status')),
    ]),
  ];
}

function validateFailureRule(rule: FailureRule, spec: Spec, path: string): Findings {
  const { action = '', onExitCodes, onPodConditions = [] } = rule;
  const actionPath = child(path, 'action');
  const withoutLimit = action === 'FailIndex' && spec.backoffLimitPerIndex === undefined;
  const both = onExitCodes && onPodConditions.length > 0;
  const none = !onExitCodes && onPodConditions.length === 0;
  return [
    ...oneOf(action, ['Count', 'FailIndex', 'FailJob', 'Ignore'], actionPath),
    ...(withoutLimit ? [invalidValue(actionPath, action, 'requires the backoffLimitPerIndex to be set')] : []),
    ...(onExitCodes ? validateExitCodes(onExitCodes, spec, child(path, 'onExitCodes')) : []),
    ...validatePatterns(onPodConditions, child(path, 'onPodConditions')),
    ...(both ? [invalidField(path, 'specifying both OnExitCodes and OnPodConditions is not supported')] : []),
    ...(none ? [invalidField(path, 'specifying one of OnExitCodes and OnPodConditions is required')] : []),
  ];
}

/** `validatePodFailurePolicy`. */
export function validateFailurePolicy(spec: Spec, path: string): Findings {
  const { rules = [] } = spec.podFailurePolicy ?? {};
  const field = child(path, 'podFailurePolicy', 'rules');
  return [
    ...atMost(rules.length, MAX_RULES, field),
    ...rules.flatMap((rule, at) => validateFailureRule(rule, spec, index(field, at))),
  ];
}

function validateSucceededIndexes(text: string, completions: number, path: string): Findings {
  const total = countJobIndexes(text, completions);
  return [
    ...(text.length > MAX_SUCCEEDED_INDEXES ? [tooLong(path, MAX_SUCCEEDED_INDEXES)] : []),
    ...(total.ok ? [] : [invalidValue(path, text, `error parsing succeededIndexes: ${total.message}`)]),
  ];
}

function validateSuccessRule(rule: SuccessRule, completions: number, path: string): Findings {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count === undefined && indexes === undefined) {
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  }
  const named = countJobIndexes(indexes ?? '', completions);
  const field = child(path, 'succeededCount');
  const tooGreat = (most: number, what: string): Findings =>
    count !== undefined && count > most
      ? [invalidValue(field, count, `must be less than or equal to ${most} (the number of ${what})`)]
      : [];
  return [
    ...(indexes === undefined ? [] : validateSucceededIndexes(indexes, completions, child(path, 'succeededIndexes'))),
    ...validateNonNegative(count, field),
    ...tooGreat(completions, 'specified completions'),
    ...(indexes === undefined
      ? []
      : tooGreat(named.ok ? named.value : 0, 'indexes in the specified succeededIndexes field')),
  ];
}

/** `validateSuccessPolicy`, for Jobs that are indexed alone. */
export function validateSuccessPolicy(spec: Spec, path: string): Findings {
  if (!spec.successPolicy) return [];
  const field = child(path, 'successPolicy');
  if (spec.completionMode !== 'Indexed') {
    return [invalidValue(field, spec.successPolicy, 'requires indexed completion mode')];
  }
  const { rules = [] } = spec.successPolicy;
  const rulesPath = child(field, 'rules');
  const detail = 'at least one rules must be specified when the successPolicy is specified';
  return [
    ...(rules.length === 0 ? [required(rulesPath, detail)] : []),
    ...atMost(rules.length, MAX_RULES, rulesPath),
    ...rules.flatMap((rule, at) => validateSuccessRule(rule, spec.completions ?? 0, index(rulesPath, at))),
  ];
}
