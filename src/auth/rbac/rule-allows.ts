import { coversUrl, type PolicyRule } from '../../kinds/policy-rules/policy-rule.ts';
import type { RequestAttributes } from '../authenticator.ts';

type Requested = NonNullable<RequestAttributes['resource']>;

/** Whether a list of a rule has the value or `*`. */
function lists(values: readonly string[] | undefined, value: string): boolean {
  return values !== undefined && (values.includes('*') || values.includes(value));
}

/** `pods`, `pods/log`, `*`, or the subresource of any resource: `*` + `/scale`. */
function listsResource(resources: readonly string[] | undefined, { resource, subresource }: Requested): boolean {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  return lists(resources, combined) || (subresource !== '' && (resources?.includes(`*/${subresource}`) ?? false));
}

/** No names in the rule means all of them. */
function listsName(names: readonly string[] | undefined, name: string): boolean {
  return names === undefined || names.length === 0 || names.includes(name);
}

/** Whether one rule allows a request: `rbac.RuleAllows`. */
export function ruleAllows(rule: PolicyRule, { verb, resource, path }: RequestAttributes): boolean {
  if (!lists(rule.verbs, verb)) return false;
  if (resource === undefined) return (rule.nonResourceURLs ?? []).some((url) => coversUrl(url, path));
  return (
    lists(rule.apiGroups, resource.group) &&
    listsResource(rule.resources, resource) &&
    listsName(rule.resourceNames, resource.name)
  );
}
