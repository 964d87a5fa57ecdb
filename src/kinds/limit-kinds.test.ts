import { describe, expect, it } from 'vitest';
import { findingsOf, updateFindingsOf } from './findings-of.ts';
import { limitRangeKind } from './limit-range.ts';
import { priorityClassKind } from './priority-class.ts';
import { resourceQuotaKind } from './resource-quota.ts';
import { runtimeClassKind } from './runtime-class.ts';

describe('a LimitRange', () => {
  const range = (...limits: object[]) => ({ spec: { limits } });

  it.each([
    [
      { type: 'Container', min: { cpu: '2' }, max: { cpu: '1' }, default: { cpu: '1' } },
      [
        'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
        'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
      ],
    ],
    [
      { type: 'Pod', default: { cpu: '1' } },
      ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
    ],
    [
      { type: 'PersistentVolumeClaim' },
      [
        'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
      ],
    ],
    [
      { type: 'Thing' },
      ['spec.limits[0].type: Invalid value: "Thing": must be a standard limit type or fully qualified'],
    ],
    [
      { type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } },
      ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'],
    ],
    [
      { type: 'Container', max: { pods: '1' } },
      [
        'spec.limits[0].max[pods]: Invalid value: "pods": must be a standard resource for containers',
        'spec.limits[0].default[pods]: Invalid value: "pods": must be a standard resource for containers',
        'spec.limits[0].defaultRequest[pods]: Invalid value: "pods": must be a standard resource for containers',
      ],
    ],
  ])('%j', (limit, findings) => {
    expect(findingsOf(limitRangeKind, range(limit))).toEqual(findings);
  });

  it('says each type once', () => {
    const pod = { type: 'Pod', max: { cpu: '1' } };
    expect(findingsOf(limitRangeKind, range(pod, pod))).toEqual(['spec.limits[1].type: Duplicate value: "Pod"']);
  });
});

describe('a ResourceQuota', () => {
  it.each([
    [
      { hard: { bananas: '1' } },
      [
        'spec.hard[bananas]: Invalid value: "bananas": must be a standard resource type or fully qualified',
        'spec.hard[bananas]: Invalid value: "bananas": must be a standard resource for quota',
      ],
    ],
    [{ hard: { pods: '-1' } }, ['spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0']],
    [{ hard: { pods: '1', 'count/deployments.apps': '2', 'requests.cpu': '1' } }, []],
    [
      { hard: { 'requests.cpu': '1' }, scopes: ['BestEffort'] },
      ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
    ],
    [
      { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
    [{ scopes: ['Tuesday'] }, ['spec.scopes: Invalid value: ["Tuesday"]: unsupported scope']],
    [
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } },
      [
        "spec.scopeSelector.matchExpressions[0].values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      ],
    ],
  ])('%j', (spec, findings) => {
    expect(findingsOf(resourceQuotaKind, { spec })).toEqual(findings);
  });

  it('keeps its scopes, in any order', () => {
    const quota = (...scopes: string[]) => ({ spec: { scopes } });
    const old = quota('BestEffort', 'Terminating');
    expect(updateFindingsOf(resourceQuotaKind, quota('Terminating', 'BestEffort'), old)).toEqual([]);
    expect(updateFindingsOf(resourceQuotaKind, quota('BestEffort'), old)).toEqual([
      'spec.scopes: Invalid value: ["BestEffort"]: field is immutable',
    ]);
  });
});

it('names of the system are for its own PriorityClasses', () => {
  const named = (name: string, value: number) => findingsOf(priorityClassKind, { metadata: { name }, value });
  const reserved =
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error:";
  expect(named('system-x', 1)).toEqual([`${reserved} system-x is not a known system priority class`]);
  expect(named('system-node-critical', 1)).toEqual([
    `${reserved} value of system-node-critical PriorityClass must be 2000001000`,
  ]);
  expect(named('system-node-critical', 2_000_001_000)).toEqual([]);
  expect(named('mine', 2_000_000_000)).toEqual([
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ]);
});

it('a RuntimeClass has a handler, and an overhead in resources', () => {
  expect(findingsOf(runtimeClassKind, { handler: 'Kata', overhead: { podFixed: { pods: '1' } } })).toMatchObject([
    expect.stringMatching(/^handler: Invalid value: "Kata": a lowercase RFC 1123 label/),
    expect.stringMatching(
      /^overhead.podFixed.limits\[pods\]: Invalid value: "pods": must be a standard resource for containers/,
    ),
  ]);
});
