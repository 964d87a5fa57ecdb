import { expect, it } from 'vitest';
import { validateAffinity } from './affinity-validation.ts';
import { validateScheduling } from './scheduling-validation.ts';

type Affinity = Parameters<typeof validateAffinity>[0];

const print = (findings: ReturnType<typeof validateAffinity>) =>
  findings.map(({ field, message }) => `${field}: ${message}`);
const of = (affinity: Affinity) => print(validateAffinity(affinity, 'spec.affinity'));

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

it('a node is required by terms, and preferred by weights', () => {
  const gt = { key: 'cpus', operator: 'Gt', values: ['1', '2'] };
  const field = { key: 'metadata.uid', operator: 'In', values: ['a'] };
  const nodeAffinity = {
    [REQUIRED]: { nodeSelectorTerms: [{ matchExpressions: [gt], matchFields: [field] }] },
    [PREFERRED]: [{ weight: 101, preference: {} }],
  };
  expect(of({ nodeAffinity })).toEqual([
    `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
    `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms[0].matchFields[0].key: Invalid value: "metadata.uid": not a valid field selector key`,
    `spec.affinity.nodeAffinity.${PREFERRED}[0].weight: Invalid value: 101: must be in the range 1-100`,
  ]);
  expect(of({ nodeAffinity: { [REQUIRED]: {} } })).toEqual([
    `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms: Required value: must have at least one node selector term`,
  ]);
});

it('pods are near or far from others in a topology', () => {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'b' } } };
  expect(
    of({
      podAffinity: { [REQUIRED]: [term] },
      podAntiAffinity: { [PREFERRED]: [{ weight: 1, podAffinityTerm: term }] },
    }),
  ).toEqual([]);
  expect(of({ podAntiAffinity: { [REQUIRED]: [{ ...term, topologyKey: '', namespaces: ['A'] }] } })).toMatchObject([
    expect.stringMatching(/\.namespace: Invalid value: "A": a lowercase RFC 1123 label/),
    `spec.affinity.podAntiAffinity.${REQUIRED}[0].topologyKey: Required value: can not be empty`,
    expect.stringMatching(/topologyKey: Invalid value: "": name part must be non-empty/),
    expect.stringMatching(/topologyKey: Invalid value: ""/),
  ]);
});

it('spreads over a topology once in each way', () => {
  const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' };
  const spec = { topologySpreadConstraints: [spread, { ...spread, minDomains: 2 }] };
  expect(print(validateScheduling(spec, 'spec'))).toEqual([
    'spec.topologySpreadConstraints[1].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
    'spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, ScheduleAnyway}"',
  ]);
});
