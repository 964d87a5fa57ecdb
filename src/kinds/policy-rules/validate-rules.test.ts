import { expect, test } from 'vitest';
import { validateClusterRole, validateRole } from './validate-rules.ts';

function sentences(findings: ReturnType<typeof validateRole>): readonly string[] {
  return findings.map(({ field, message }) => `${field}: ${message}`);
}

test('a rule needs verbs, groups and resources', () => {
  expect(sentences(validateRole({ rules: [{}] }))).toEqual([
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ]);
});

test('a rule about paths is about nothing else, and belongs to the cluster', () => {
  const rules = [{ verbs: ['get'], nonResourceURLs: ['/a'] }];
  expect(sentences(validateRole({ rules }))).toEqual([
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs',
  ]);
  expect(validateClusterRole({ rules })).toEqual([]);
  expect(sentences(validateClusterRole({ rules: [{ ...rules[0], resources: ['pods'] }] }))).toEqual([
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
  ]);
});

test('an aggregation selects something', () => {
  expect(sentences(validateClusterRole({ aggregationRule: {} }))).toEqual([
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ]);
});
