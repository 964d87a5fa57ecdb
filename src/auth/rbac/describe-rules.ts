import type { PolicyRule } from '../../kinds/policy-rules/policy-rule.ts';
import { goQuote } from '../../machinery/go-format.ts';

function simpleKey({ apiGroups = [], resources = [], resourceNames = [], nonResourceURLs }: PolicyRule) {
  const simple = apiGroups.length === 1 && resources.length === 1 && resourceNames.length <= 1;
  return simple && (nonResourceURLs ?? []).length === 0
    ? JSON.stringify([apiGroups, resources, resourceNames])
    : undefined;
}

/** Rules about the same resource as one, with the verbs of all: `CompactRules`. */
function compact(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const merged = new Map<string, PolicyRule>();
  rules.forEach((rule, position) => {
    const key = simpleKey(rule) ?? String(position);
    const known = merged.get(key);
    merged.set(key, known === undefined ? rule : { ...known, verbs: [...(known.verbs ?? []), ...(rule.verbs ?? [])] });
  });
  return [...merged.values()];
}

/** A list as Go's `%q` prints it. */
export function quoteList(values: readonly string[]): string {
  return `[${values.map(goQuote).join(' ')}]`;
}

function describe(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const;
  const present = parts.flatMap(([name, values]) =>
    values === undefined || values.length === 0 ? [] : [`${name}:${quoteList(values)}`],
  );
  return `{${present.join(', ')}}`;
}

/** Rules as upstream's escalation message lists them: compact, sorted, one per line. */
export function describeRules(rules: readonly PolicyRule[]): string {
  return [...new Set(compact(rules).map(describe))].sort().join('\n');
}
