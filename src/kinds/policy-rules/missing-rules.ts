import { coversUrl, type PolicyRule } from './policy-rule.ts';

/** Splits a rule into rules with one verb and one resource or URL each: `BreakdownRule`. */
function breakDown(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const names = resourceNames.length === 0 ? [{}] : resourceNames.map((name) => ({ resourceNames: [name] }));
  const plain = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({ apiGroups: [group], resources: [resource], verbs: [verb], ...name })),
      ),
    ),
  );
  const urls = nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })));
  return [...plain, ...urls];
}

function hasAll(owned: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return owned.includes('*') || wanted.every((each) => owned.includes(each));
}

function hasAllResources(owned: readonly string[] = [], wanted: readonly string[] = []): boolean {
  if (hasAll(owned, wanted)) return true;
  return wanted.every((each) => {
    const slash = each.indexOf('/');
    return owned.includes(each) || (slash >= 0 && owned.includes(`*/${each.slice(slash + 1)}`));
  });
}

function hasAllNames(owned: readonly string[] = [], wanted: readonly string[] = []): boolean {
  if (wanted.length === 0) return owned.length === 0;
  return owned.length === 0 || wanted.every((each) => owned.includes(each));
}

function hasAllUrls(owned: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return wanted.every((path) => owned.some((url) => coversUrl(url, path)));
}

function ruleCovers(owned: PolicyRule, wanted: PolicyRule): boolean {
  return (
    hasAll(owned.verbs, wanted.verbs) &&
    hasAll(owned.apiGroups, wanted.apiGroups) &&
    hasAllResources(owned.resources, wanted.resources) &&
    hasAllUrls(owned.nonResourceURLs, wanted.nonResourceURLs) &&
    hasAllNames(owned.resourceNames, wanted.resourceNames)
  );
}

/** The parts of `wanted` that `owned` doesn't contain: empty when all of it is held. `validation.Covers` upstream. */
export function missingRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(breakDown).filter((part) => !owned.some((rule) => ruleCovers(rule, part)));
}
