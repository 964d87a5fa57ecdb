import { describe, expect, it } from 'vitest';
import type { Pod } from '../../kinds/types.ts';
import { evictionMessage } from './eviction-message.ts';
import type { PodLoad } from './pod-usage.ts';
import { CALM, nextPressure } from './pressure-state.ts';
import { rankForEviction } from './rank.ts';
import { type Observations, observationsOf } from './signals.ts';
import { parseAmount, parseThresholds, type ThresholdTexts } from './thresholds.ts';

const DEFAULTS: ThresholdTexts = {
  hard: {
    'memory.available': '100Mi',
    'nodefs.available': '10%',
    'nodefs.inodesFree': '5%',
    'imagefs.available': '15%',
    'imagefs.inodesFree': '5%',
  },
  soft: {},
  softGraceSeconds: {},
  minimumReclaim: {},
};
const MI = 2 ** 20;
const disk = { totalBytes: 1000 * MI, availableBytes: 500 * MI, totalInodes: 1000, freeInodes: 500 };
const host = {
  memory: { totalBytes: 4096 * MI, availableBytes: 2048 * MI, swapTotalBytes: 0 },
  ...{ nodeDisk: disk, imageDisk: disk, isOneDisk: true, pids: { used: 100, max: 32_768 } },
};

function conditions(change: object, texts: ThresholdTexts = DEFAULTS): readonly string[] {
  const look = { thresholds: parseThresholds(texts), observations: observationsOf({ ...host, ...change }), now: 0 };
  return [...nextPressure(CALM, { ...look, transitionMs: 300_000 }).conditions];
}

describe('thresholds', () => {
  it("are the kubelet's: each of them alone is pressure, and nothing is where nothing is known", () => {
    expect(conditions({})).toEqual([]);
    expect(conditions({ memory: { ...host.memory, availableBytes: 99 * MI } })).toEqual(['MemoryPressure']);
    expect(conditions({ nodeDisk: { ...disk, availableBytes: 99 * MI } })).toEqual(['DiskPressure']);
    expect(conditions({ nodeDisk: { ...disk, freeInodes: 49 } })).toEqual(['DiskPressure']);
    expect(conditions({ imageDisk: { ...disk, availableBytes: 149 * MI } })).toEqual(['DiskPressure']);
    const none = { totalBytes: 0, availableBytes: 0, totalInodes: 0, freeInodes: 0 };
    const unknown = {
      memory: { totalBytes: 0, availableBytes: 0, swapTotalBytes: 0 },
      nodeDisk: none,
      imageDisk: none,
    };
    expect(conditions({ ...unknown, pids: { used: 0, max: Number.POSITIVE_INFINITY } })).toEqual([]);
  });

  it('are switched off by zero, and process ids have one when it is configured', () => {
    const short = { memory: { ...host.memory, availableBytes: 0 }, pids: { used: 99, max: 100 } };
    expect(conditions(short, { ...DEFAULTS, hard: { 'memory.available': '0', 'nodefs.available': '0%' } })).toEqual([]);
    expect(conditions(short, { ...DEFAULTS, hard: { 'pid.available': '5%' } })).toEqual(['PIDPressure']);
  });

  it('are quantities or percentages', () => {
    expect(['1Gi', '10%', '12.5%', '0', '101%', '-1Mi', 'some'].map(parseAmount)).toEqual([
      { units: 2 ** 30 },
      { share: 0.1 },
      { share: 0.125 },
      { units: 0 },
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('pressure', () => {
  const texts: ThresholdTexts = {
    hard: { 'memory.available': '100Mi' },
    soft: { 'memory.available': '200Mi', 'nodefs.available': '50%' },
    softGraceSeconds: { 'memory.available': 60, 'nodefs.available': 0 },
    minimumReclaim: { 'memory.available': '50Mi' },
  };
  const thresholds = parseThresholds(texts);
  const seen = (memoryMi: number, diskShare = 0.9): Observations =>
    new Map([
      ['memory.available', { available: memoryMi * MI, capacity: 4096 * MI }],
      ['nodefs.available', { available: diskShare * 1000, capacity: 1000 }],
    ]);
  const seenAfter = (...looks: readonly (readonly [number, Observations])[]) =>
    looks.reduce(
      (state, [now, observations]) => nextPressure(state, { thresholds, observations, transitionMs: 300_000, now }),
      CALM,
    );
  const due = (state: typeof CALM) => state.due.map(({ signal, isHard }) => `${signal} ${isHard ? 'hard' : 'soft'}`);

  it('has to last before a soft threshold counts, and is told at once', () => {
    const first = seenAfter([0, seen(150)]);
    expect([due(first), [...first.conditions]]).toEqual([[], ['MemoryPressure']]);
    expect(due(seenAfter([0, seen(150)], [59_000, seen(150)]))).toEqual([]);
    expect(due(seenAfter([0, seen(150)], [60_000, seen(150)]))).toEqual(['memory.available soft']);
    expect(due(seenAfter([0, seen(150)], [30_000, seen(500)], [60_000, seen(150)]))).toEqual([]);
  });

  it('holds until the minimum was reclaimed', () => {
    expect(due(seenAfter([0, seen(90)], [1, seen(140)]))).toEqual(['memory.available hard']);
    expect(due(seenAfter([0, seen(90)], [1, seen(150)]))).toEqual([]);
  });

  it('stays in the conditions for the transition period', () => {
    expect([...seenAfter([0, seen(90)], [299_999, seen(900)]).conditions]).toEqual(['MemoryPressure']);
    expect([...seenAfter([0, seen(90)], [300_000, seen(900)]).conditions]).toEqual([]);
  });

  it('of memory is dealt with first', () => {
    expect(due(seenAfter([0, seen(90, 0.1)]))).toEqual(['memory.available hard', 'nodefs.available soft']);
  });
});

function pod(name: string, { priority = 0, requests }: { priority?: number; requests?: object } = {}): Pod {
  const resources = requests === undefined ? {} : { resources: { requests } };
  return { metadata: { name }, spec: { priority, containers: [{ name: 'app', image: 'i', ...resources }] } } as Pod;
}
const load = (memoryMi: number, diskBytes = 0): PodLoad => ({
  containers: [
    {
      name: 'app',
      ...{ memoryBytes: memoryMi * MI, usageBytes: memoryMi * MI, processes: memoryMi },
      ...{ layerBytes: diskBytes, logBytes: 0 },
    },
  ],
  volumes: [],
});
const names = (pods: readonly Pod[]): readonly string[] => pods.map(({ metadata }) => metadata?.name ?? '');

describe('ranking', () => {
  const modest = pod('modest', { requests: { memory: '300Mi' } });
  const greedy = pod('greedy', { requests: { memory: '100Mi' } });
  const large = pod('large');
  const important = pod('important', { priority: 1000 });
  const unknown = pod('unknown', { priority: 5000 });
  const loads = new Map([
    [modest, load(290)],
    [greedy, load(150)],
    [large, load(200)],
    [important, load(900)],
  ]);

  it('takes those over their requests first, then the less important, then the greediest', () => {
    const pods = [modest, important, greedy, large, unknown];
    expect(names(rankForEviction(pods, loads, 'memory'))).toEqual([
      'unknown',
      'large',
      'greedy',
      'important',
      'modest',
    ]);
  });

  it('goes by number of processes alone where these run short', () => {
    expect(names(rankForEviction([modest, important, large], loads, 'pids'))).toEqual(['modest', 'large', 'important']);
  });
});

describe('the message', () => {
  const observations: Observations = new Map([
    ['memory.available', { available: 90 * MI, capacity: 4096 * MI }],
    ['nodefs.available', { available: 50 * MI, capacity: 1000 * MI }],
  ]);
  const due = parseThresholds(DEFAULTS);

  it("says what ran short and who has too much of it, in the kubelet's words", () => {
    const app = pod('p', { requests: { memory: '20Mi' } });
    expect(evictionMessage(app, load(60), { resource: 'memory', due, observations })).toBe(
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. ' +
        'Container app was using 60Mi, request is 20Mi, has larger consumption of memory. ',
    );
    expect(evictionMessage(app, load(0, 4096), { resource: 'ephemeral-storage', due, observations })).toBe(
      'The node was low on resource: ephemeral-storage. Threshold quantity: 100Mi, available: 50Mi. ' +
        'Container app was using 4Ki, request is 0, has larger consumption of ephemeral-storage. ',
    );
  });

  it('blames nobody who keeps to what was requested, or was not measured', () => {
    const app = pod('p', { requests: { memory: '60Mi' } });
    const sentence = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. ';
    expect(
      [load(60), undefined].map((one) => evictionMessage(app, one, { resource: 'memory', due, observations })),
    ).toEqual([sentence, sentence]);
  });
});
