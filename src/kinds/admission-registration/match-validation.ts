import { child, forbiddenField, invalidValue, notSupported, required, tooMany } from '../../machinery/field-path.ts';
import { isDns1035Label, isDns1123Subdomain, isPathSegment, isQualifiedName } from '../../machinery/names.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { MatchResources, Sparse, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../types.ts';
import { type Findings, validateLabelSelector, validateName } from '../validation.ts';
import { compileExpression, compileVariables, type ExpressionScope, paramScope, type RETURNS } from './expressions.ts';
import { validateNamedRule } from './rule-validation.ts';

type Match = Sparse<MatchResources>;
type PolicySpec = NonNullable<Sparse<ValidatingAdmissionPolicy>['spec']>;
type Condition = NonNullable<PolicySpec['matchConditions']>[number];
type Variable = NonNullable<PolicySpec['variables']>[number];
type ParamKind = NonNullable<PolicySpec['paramKind']>;
type ParamRef = NonNullable<NonNullable<Sparse<ValidatingAdmissionPolicyBinding>['spec']>['paramRef']>;

/** Values of `failurePolicy`. */
export const FAILURE_POLICIES = ['Fail', 'Ignore'];
/** Values of `matchPolicy`. */
export const MATCH_POLICIES = ['Equivalent', 'Exact'];
/** Values of `reinvocationPolicy`. */
export const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
const MAX_CONDITIONS = 64;
const CEL_IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const CEL_RESERVED =
  /^(?:true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/;

/** One of `allowed`, where given. */
export function validateChoice(value: string | undefined, path: string, allowed: readonly string[]): Findings {
  return value === undefined || allowed.includes(value) ? [] : [notSupported(path, value, allowed)];
}

/** Refuses an expression that doesn't compile; blank ones are somebody else's business. */
export function validateExpression(
  expression: string | undefined,
  path: string,
  { scope, use }: { readonly scope: ExpressionScope; readonly use: keyof typeof RETURNS },
): Findings {
  if (!expression?.trim()) return [];
  const outcome = compileExpression(expression, scope, use);
  return outcome.ok ? [] : [invalidValue(path, expression, outcome.message)];
}

/** `validateMatchConditions`. */
export function validateMatchConditions(
  conditions: readonly Condition[] | undefined,
  path: string,
  params?: ParamKind,
): Findings {
  const count = conditions?.length ?? 0;
  const use = { scope: { ...paramScope(params), authorizer: true }, use: 'condition' } as const;
  return [
    ...(count > MAX_CONDITIONS ? [tooMany(path, count, MAX_CONDITIONS)] : []),
    ...validateEach(conditions, path, ({ name, expression }, at) => [
      ...(expression?.trim() ? [] : [required(child(at, 'expression'))]),
      ...validateExpression(expression?.trim(), child(at, 'expression'), use),
      ...(name ? validateName(isQualifiedName, name, child(at, 'name')) : [required(child(at, 'name'))]),
    ]),
    ...validateUnique(conditions, path, ({ name = '' }) => name, 'name'),
  ];
}

/** `validateMatchResources`. */
export function validateMatch(match: Match | undefined, path: string): Findings {
  if (!match) return [];
  const missing = (['matchPolicy', 'namespaceSelector', 'objectSelector'] as const).filter(
    (f) => match[f] === undefined,
  );
  return [
    ...missing.map((field) => required(child(path, field))),
    ...validateChoice(match.matchPolicy, child(path, 'matchPolicy'), MATCH_POLICIES),
    ...validateLabelSelector(match.namespaceSelector, child(path, 'namespaceSelector')),
    ...validateLabelSelector(match.objectSelector, child(path, 'objectSelector')),
    ...validateEach(match.resourceRules, child(path, 'resourceRules'), validateNamedRule),
    ...validateEach(match.excludeResourceRules, child(path, 'excludeResourceRules'), validateNamedRule),
  ];
}

/** What a policy is about: at least one rule. */
export function validateConstraints(match: Match | undefined, path: string): Findings {
  if (!match) return [required(path)];
  const empty = (match.resourceRules ?? []).length === 0;
  return [...validateMatch(match, path), ...(empty ? [required(child(path, 'resourceRules'))] : [])];
}

function validateParamVersion(apiVersion: string, path: string): Findings {
  if (apiVersion === '') return [required(path)];
  const [first = '', second, ...rest] = apiVersion.split('/');
  if (rest.length > 0) return [invalidValue(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group, version] = second === undefined ? ['', first] : [first, second];
  if (version === '') return [invalidValue(path, apiVersion, 'version must be specified')];
  const wrong = (value: string, why: readonly string[]) =>
    why.length === 0 ? [] : [invalidValue(path, value, why.join(','))];
  return [...(group === '' ? [] : wrong(group, isDns1123Subdomain(group))), ...wrong(version, isDns1035Label(version))];
}

/** `validateParamKind`. */
export function validateParamKind(paramKind: ParamKind | undefined, path: string): Findings {
  if (!paramKind) return [];
  const { apiVersion = '', kind = '' } = paramKind;
  const field = child(path, 'kind');
  const why = isDns1035Label(kind.toLowerCase());
  const detail = `may have mixed case, but should otherwise match: ${why.join(',')}`;
  return [
    ...validateParamVersion(apiVersion, child(path, 'apiVersion')),
    ...(kind === '' ? [required(field)] : why.length === 0 ? [] : [invalidValue(field, kind, detail)]),
  ];
}

/** `validateVariable`. */
export function validateVariables(
  variables: readonly Variable[] | undefined,
  path: string,
  params: ParamKind | undefined,
): Findings {
  const { compiled } = compileVariables(variables, { ...paramScope(params), authorizer: true });
  return validateEach(variables, path, ({ name, expression }, at, position) => {
    const field = child(at, 'name');
    const outcome = compiled[position]?.compiled;
    const identifier = CEL_IDENTIFIER.test(name ?? '') && !CEL_RESERVED.test(name ?? '');
    const wrong = expression?.trim() && outcome?.ok === false ? [outcome.message] : [];
    return [
      ...(name?.trim() ? [] : [required(field, 'name is not specified')]),
      ...(name?.trim() && !identifier ? [invalidValue(field, name, 'must be a valid CEL identifier')] : []),
      ...(expression?.trim() ? [] : [required(child(at, 'expression'), 'expression is not specified')]),
      ...wrong.map((message) => invalidValue(child(at, 'expression'), expression, message)),
    ];
  });
}

/** `validateParamRef`. */
export function validateParamRef(ref: ParamRef | undefined, path: string): Findings {
  if (!ref) return [];
  const { name = '', selector, parameterNotFoundAction: action } = ref;
  const field = child(path, 'parameterNotFoundAction');
  const exclusive = 'name and selector are mutually exclusive';
  const both = name !== '' && selector !== undefined;
  return [
    ...(name === '' ? [] : validateName(isPathSegment, name, child(path, 'name'))),
    ...validateLabelSelector(selector, child(path, 'selector')),
    ...(both ? ['name', 'selector'].map((each) => forbiddenField(child(path, each), exclusive)) : []),
    ...(name === '' && selector === undefined ? [required(path, 'one of name or selector must be specified')] : []),
    ...(action ? validateChoice(action, field, ['Deny', 'Allow']) : [required(field)]),
  ];
}
