import { expect, it } from 'vitest';
import type { Pod } from '../../kinds/types.ts';
import { formatTime } from '../../machinery/time.ts';
import { deletionAgeRatios } from './replicas.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function pod(age: number, ready = 'True'): Pod {
  return {
    metadata: { creationTimestamp: formatTime(NOW - age * 1000) },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
  } as Pod;
}

it('ages of ready pods that go are whole multiples of the youngest’s', () => {
  const pods = [pod(10), pod(35), pod(5, 'False')];
  expect(deletionAgeRatios(pods, pods.slice(0, 2), NOW)).toEqual([1, 3]);
  expect(deletionAgeRatios(pods, pods.slice(2), NOW)).toEqual([]);
});

it('there is no ratio when all go, or within the first second', () => {
  const pods = [pod(0), pod(35)];
  expect(deletionAgeRatios(pods, pods, NOW)).toEqual([]);
  expect(deletionAgeRatios(pods, pods.slice(1), NOW)).toEqual([]);
});
