import { describe, expect, test } from 'vitest';
import { jobKind } from './job.ts';
import { countJobIndexes } from './job-indexes.ts';
import type { Draft, Job } from './types.ts';

type Object = Draft<Job>;
type Spec = NonNullable<Object['spec']>;

const CONTEXT = { now: '2026-01-01T00:00:00Z' };
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } as Spec['template'];

/** A Job as it is stored. */
function job(spec: object, status: object = {}): Object {
  const sent = { metadata: { name: 'j', uid: 'u' }, spec: { template, ...spec } } as Object;
  return { ...jobKind.applyDefaults(jobKind.prepareForCreate(sent, CONTEXT)), status } as Object;
}

const lines = (findings: readonly { readonly field: string; readonly message: string }[]): readonly string[] =>
  findings.map(({ field, message }) => `${field}: ${message}`);
const refusals = (spec: object): readonly string[] => lines(jobKind.validate(job(spec)));

test.each<[string, object, readonly string[]]>([
  [
    'a number per index without indexes',
    { backoffLimitPerIndex: 1 },
    ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode'],
  ],
  [
    'failed indexes without a limit of each',
    { completionMode: 'Indexed', completions: 2, maxFailedIndexes: 3 },
    [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions',
    ],
  ],
  [
    'indexes without a number',
    { completionMode: 'Indexed', parallelism: 200_000 },
    [
      'spec.completions: Required value: when completion mode is Indexed',
      'spec.parallelism: Invalid value: 200000: must be less than or equal to 100000 when completion mode is Indexed',
    ],
  ],
  [
    'a manager without a domain',
    { managedBy: 'me' },
    ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    'a policy of failures',
    {
      podFailurePolicy: {
        rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', containerName: 'd', values: [2, 0, 2] } }, {}],
      },
    },
    [
      'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
      'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template',
      'spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
      'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 2',
      'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0,2]: must be ordered',
      'spec.podFailurePolicy.rules[1].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
      'spec.podFailurePolicy.rules[1]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
  ],
  [
    'success without indexes',
    { successPolicy: { rules: [] } },
    ['spec.successPolicy: Invalid value: {"rules":[]}: requires indexed completion mode'],
  ],
  [
    'success beyond the indexes',
    {
      completionMode: 'Indexed',
      completions: 3,
      successPolicy: { rules: [{}, { succeededIndexes: '0,2', succeededCount: 4 }] },
    },
    [
      'spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified',
      'spec.successPolicy.rules[1].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)',
      'spec.successPolicy.rules[1].succeededCount: Invalid value: 4: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
    ],
  ],
  [
    'a selector that isn’t its own',
    { selector: { matchLabels: { a: 'b' } } },
    [
      "spec.template.metadata.labels[controller-uid]: Required value: must be 'u'",
      "spec.template.metadata.labels[job-name]: Required value: must be 'j'",
      "spec.template.metadata.labels[batch.kubernetes.io/controller-uid]: Required value: must be 'u'",
      "spec.template.metadata.labels[batch.kubernetes.io/job-name]: Required value: must be 'j'",
      'spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` not auto-generated',
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
    ],
  ],
])('%s', (_, spec, expected) => {
  expect(refusals(spec)).toEqual(expected);
});

test.each([
  ['', 0],
  ['1,3-5', 4],
  ['3-5,4', 'non-increasing order, previous: 5, current: 4'],
  [
    '1-2-3',
    'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
  ],
  ['x', 'cannot convert string to integer for index: "x"'],
  ['1-9', 'too large index: "9"'],
])('indexes %j', (text, expected) => {
  const count = countJobIndexes(text, 9);
  expect(count.ok ? count.value : count.message).toBe(expected);
});

describe('an update', () => {
  const changed = (old: Object, change: (spec: Spec) => object): readonly string[] => {
    const spec = structuredClone(old.spec ?? {}) as Spec;
    return lines(jobKind.validateUpdate({ ...old, spec: { ...spec, ...change(spec) } } as Object, old));
  };
  const onNode = ({ template: { spec, ...rest } = {} }: Spec) => ({
    template: { ...rest, spec: { ...spec, nodeSelector: { a: 'b' }, tolerations: [{ operator: 'Exists' }] } },
  });
  const withImage = ({ template: { spec, ...rest } = {} }: Spec) => ({
    template: { ...rest, spec: { ...spec, containers: [{ name: 'c', image: 'y' }] } },
  });

  test('says where the pods of a suspended Job run, and nothing else of them', () => {
    const suspended = job({ suspend: true });
    expect(changed(suspended, onNode)).toEqual([]);
    expect(changed(suspended, withImage)[0]).toContain('spec.template.spec: Invalid value');
    expect(changed(job({}), onNode)[0]).toContain('field is immutable');
    expect(changed(job({ suspend: true }, { active: 1 }), onNode)[0]).toContain('field is immutable');
  });

  test('changes completions and parallelism together', () => {
    const indexed = job({ completionMode: 'Indexed', completions: 2, parallelism: 2 });
    expect(changed(indexed, () => ({ completions: 3, parallelism: 3 }))).toEqual([]);
    expect(changed(indexed, () => ({ completions: 3 }))).toEqual([
      'spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism',
    ]);
    expect(changed(indexed, () => ({ managedBy: 'a.io/b' }))).toEqual([
      'spec.managedBy: Invalid value: "a.io/b": field is immutable',
    ]);
  });
});
