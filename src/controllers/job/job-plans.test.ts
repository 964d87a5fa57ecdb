import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job, Pod } from '../../kinds/types.ts';
import { jobBackOff } from './back-off.ts';
import { judgeFailure } from './failure-policy.ts';
import { countIndexes, firstMissing, formatIndexes, hasIndex, parseIndexes, withIndexes } from './index-set.ts';
import { metSuccessPolicy } from './success-policy.ts';

describe('a set of indexes', () => {
  const indexes = fc.array(fc.nat({ max: 60 }));

  it('reads back what it writes, in ranges that never touch', () => {
    fc.assert(
      fc.property(indexes, (list) => {
        const set = withIndexes([], list);
        const text = formatIndexes(set);
        expect(parseIndexes(text, 61)).toEqual(set);
        expect(countIndexes(set)).toBe(new Set(list).size);
        for (let i = 0; i <= 60; i++) expect(hasIndex(set, i)).toBe(list.includes(i));
      }),
    );
  });

  it('knows the lowest ones that are missing', () => {
    fc.assert(
      fc.property(indexes, fc.nat({ max: 10 }), fc.nat({ max: 70 }), (list, count, completions) => {
        const all = Array.from({ length: completions }, (_, i) => i).filter((i) => !list.includes(i));
        expect(firstMissing(withIndexes([], list), count, completions)).toEqual(all.slice(0, count));
      }),
    );
  });

  it.each([
    ['1,3-5', 10, [1, 3, 4, 5]],
    ['0-100', 3, [0, 1, 2]],
    ['5,x,1-y,2', 10, [2, 5]],
    ['', 10, []],
  ])('reads %j below %i', (text, completions, wanted) => {
    const set = parseIndexes(text, completions);
    expect(Array.from({ length: 12 }, (_, i) => i).filter((i) => hasIndex(set, i))).toEqual(wanted);
  });

  it('lists two neighbours and ranges more', () => {
    expect(formatIndexes(withIndexes([], [7, 0, 1, 3, 4, 5]))).toBe('0,1,3-5,7');
  });
});

describe('the pod failure policy', () => {
  const pod = (code: number, conditions: readonly object[] = []): Pod =>
    ({
      metadata: { namespace: 'shop', name: 'p' },
      status: { conditions, containerStatuses: [{ name: 'main', state: { terminated: { exitCode: code } } }] },
    }) as unknown as Pod;
  const policy = {
    rules: [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { action: 'FailIndex', onExitCodes: { operator: 'In', values: [3], containerName: 'main' } },
      { action: 'Count', onExitCodes: { operator: 'In', values: [4], containerName: 'other' } },
      { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [1, 2] } },
    ],
  };
  const failJob = 'Container main for pod shop/p failed with exit code 4 matching FailJob rule at index 3';

  it.each([
    ['a disruption', pod(9, [{ type: 'DisruptionTarget', status: 'True' }]), { action: 'Ignore' }],
    ['a listed code', pod(3), { action: 'FailIndex' }],
    ["another container's rule", pod(4), { action: 'FailJob', message: failJob }],
    ['a code that no rule names', pod(1), { action: 'Count' }],
    ['no failure', pod(0), { action: 'Count' }],
  ])('judges %s by the first rule that fits', (_, failed, verdict) => {
    expect(judgeFailure(policy, failed)).toEqual(verdict);
  });
});

describe('the success policy', () => {
  const job = (...rules: readonly object[]) =>
    ({ spec: { completions: 10, successPolicy: { rules } } }) as unknown as Job;
  it.each([
    ['all of the indexes', job({ succeededIndexes: '0-2' }), [0, 1, 2], 'Matched rules at index 0'],
    ['not all of them', job({ succeededIndexes: '0-2' }), [0, 1, 5], undefined],
    ['enough of them', job({ succeededIndexes: '0-2', succeededCount: 2 }), [0, 2], 'Matched rules at index 0'],
    ['enough of any', job({ succeededIndexes: '9' }, { succeededCount: 2 }), [3, 7], 'Matched rules at index 1'],
    ['none yet', job({ succeededCount: 0 }), [], undefined],
  ])('%s', (_, given, done, message) => {
    expect(metSuccessPolicy(given, withIndexes([], done))).toBe(message);
  });
});

describe('back-off between failures', () => {
  const ended = (phase: string, at: number): Pod =>
    ({
      metadata: {},
      status: {
        phase,
        containerStatuses: [{ state: { terminated: { finishedAt: new Date(at * 1000).toISOString() } } }],
      },
    }) as unknown as Pod;
  it.each([
    ['nothing has failed', [], 0],
    ['one failure', [ended('Failed', 100)], 10],
    ['three in a row', [ended('Failed', 80), ended('Failed', 90), ended('Failed', 100)], 40],
    ['a success between', [ended('Failed', 80), ended('Succeeded', 90), ended('Failed', 100)], 10],
    ['a success last', [ended('Failed', 80), ended('Succeeded', 100)], 0],
    ['many', Array.from({ length: 20 }, () => ended('Failed', 100)), 600],
  ])('waits when there was %s', (_, pods, seconds) => {
    expect(jobBackOff({}, pods, 100_000)).toBe(seconds * 1000);
  });
});
