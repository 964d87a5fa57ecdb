import fc from 'fast-check';
import { expect, test } from 'vitest';
import { missingRules } from './missing-rules.ts';
import { coversUrl, type PolicyRule } from './policy-rule.ts';

const VERBS = ['get', 'list'];
const GROUPS = ['', 'apps'];
const RESOURCES = ['pods', 'pods/log', 'nodes/log'];
const NAMES = ['', 'a', 'b'];

function some(...values: readonly string[]) {
  return fc.uniqueArray(fc.constantFrom(...values), { maxLength: 2 });
}

/** As validation lets them through: about resources or about paths. */
const resourceRule = fc.record({
  verbs: some(...VERBS, '*'),
  apiGroups: some(...GROUPS, '*'),
  resources: some(...RESOURCES, '*', '*/log'),
  resourceNames: some('a', 'b'),
});
const rule: fc.Arbitrary<PolicyRule> = fc.oneof(
  resourceRule,
  fc.record({ verbs: some(...VERBS, '*'), nonResourceURLs: some('/a', '/a/*', '/a/b', '*') }),
);

type Rule = PolicyRule;

function has(list: readonly string[] = [], value: string): boolean {
  return list.includes(value) || list.includes('*');
}

function allowsUrl({ verbs, nonResourceURLs = [] }: Rule, verb: string, url: string): boolean {
  return has(verbs, verb) && nonResourceURLs.some((covering) => coversUrl(covering, url));
}

function allowsResource({ resources = [] }: Rule, resource: string): boolean {
  return has(resources, resource) || (resource.endsWith('/log') && resources.includes('*/log'));
}

function allowsName({ resourceNames = [] }: Rule, name: string): boolean {
  return resourceNames.length === 0 || resourceNames.includes(name);
}

const WORLD = VERBS.flatMap((verb) => [
  ...['/a', '/a/b', '/c'].map((url) => (rule: Rule) => allowsUrl(rule, verb, url)),
  ...GROUPS.flatMap((group) =>
    RESOURCES.flatMap((resource) =>
      NAMES.map((name) => (rule: Rule) => {
        const fits = has(rule.verbs, verb) && has(rule.apiGroups, group) && allowsResource(rule, resource);
        return fits && allowsName(rule, name);
      }),
    ),
  ),
]);

/** The requests of a small world that the rules allow, by their numbers. */
function allowed(rules: readonly Rule[]): readonly number[] {
  return WORLD.flatMap((asks, at) => (rules.some(asks) ? [at] : []));
}

test('who lacks nothing of some rules may do all that they allow', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 4 }), fc.array(rule, { maxLength: 2 }), (owned, wanted) => {
      const lacking = missingRules(owned, wanted);
      const mine = new Set(allowed([...owned, ...lacking]));
      expect(allowed(wanted).filter((request) => !mine.has(request))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('nobody lacks what he has', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), (rules) => {
      expect(missingRules(rules, rules)).toEqual([]);
    }),
  );
});

test('what is lacking comes verb by verb and resource by resource', () => {
  const owned = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];
  const wanted = [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'secrets'], resourceNames: ['a'] }];
  expect(missingRules(owned, wanted)).toEqual([
    { verbs: ['list'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a'] },
    { verbs: ['list'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a'] },
  ]);
});
