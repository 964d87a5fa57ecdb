import { expect, test } from 'vitest';
import { podColumns } from './pod-columns.ts';
import type { ContainerStatus, Draft, Pod, Sparse } from './types.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');

function row(pod: Draft<Pod>, wide = false): readonly unknown[] {
  return podColumns.filter((column) => wide || column.priority === 0).map((column) => column.cell(pod, NOW));
}

function pod(status: Sparse<Pod['status']>, spec: Sparse<Pod['spec']> = {}, deleted = false): Draft<Pod> {
  return {
    metadata: {
      name: 'web',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(deleted ? { deletionTimestamp: '2026-01-01T01:00:00Z' } : {}),
    },
    spec: { containers: [{ name: 'a' }], ...spec },
    status,
  };
}

const running: Sparse<ContainerStatus> = { name: 'a', ready: true, restartCount: 0, state: { running: {} } };
const backOff: Sparse<ContainerStatus> = {
  name: 'a',
  ready: false,
  restartCount: 3,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } },
};

function status(given: Draft<Pod>): unknown {
  return row(given)[2];
}

test('a running pod shows what is ready', () => {
  expect(row(pod({ phase: 'Running', containerStatuses: [running] }))).toEqual(['web', '1/1', 'Running', '0', '60m']);
});

test('restarts say when the last one was', () => {
  const crashing = pod({ phase: 'Running', containerStatuses: [backOff] });
  expect(row(crashing)).toEqual(['web', '0/1', 'CrashLoopBackOff', '3 (5m ago)', '60m']);
});

test('init containers come first', () => {
  const spec = { initContainers: [{ name: 'i' }, { name: 'j' }] };
  const done = { name: 'i', state: { terminated: { exitCode: 0 } } };
  const states: readonly Sparse<ContainerStatus>[] = [
    { name: 'j', state: { waiting: { reason: 'PodInitializing' } } },
    { name: 'j', state: { running: {} } },
    { name: 'j', state: { waiting: { reason: 'ImagePullBackOff' } } },
    { name: 'j', state: { terminated: { exitCode: 2 } } },
    { name: 'j', state: { terminated: { exitCode: 2, reason: 'Error' } } },
    { name: 'j', state: { terminated: { exitCode: 137, signal: 9 } } },
  ];
  const shown = states.map((each) => status(pod({ phase: 'Pending', initContainerStatuses: [done, each] }, spec)));
  expect(shown).toEqual([
    'Init:1/2',
    'Init:1/2',
    'Init:ImagePullBackOff',
    'Init:ExitCode:2',
    'Init:Error',
    'Init:Signal:9',
  ]);
});

test('sidecars count as containers, and their restarts remain when the others start', () => {
  const spec = { initContainers: [{ name: 's', restartPolicy: 'Always' }] };
  const sidecar = { ...backOff, name: 's', ready: true, started: true, state: { running: {} } };
  const given = pod({ phase: 'Running', initContainerStatuses: [sidecar], containerStatuses: [running] }, spec);
  expect(row(given).slice(1, 4)).toEqual(['2/2', 'Running', '3 (5m ago)']);
});

test('finished containers lend the pod their reason, unless others still run', () => {
  const completed = { name: 'b', state: { terminated: { exitCode: 0, reason: 'Completed' } } };
  const failed = { name: 'b', state: { terminated: { exitCode: 3 } } };
  const ready = [{ type: 'Ready', status: 'True' }];
  expect([
    status(pod({ phase: 'Succeeded', containerStatuses: [completed] })),
    status(pod({ phase: 'Failed', containerStatuses: [failed] })),
    status(pod({ phase: 'Running', containerStatuses: [completed, running] })),
    status(pod({ phase: 'Running', containerStatuses: [completed, running], conditions: ready })),
  ]).toEqual(['Completed', 'ExitCode:3', 'NotReady', 'Running']);
});

test('a deleted pod is terminating until it has ended', () => {
  const ended = { containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 0, reason: 'Completed' } } }] };
  expect([
    status(pod({ phase: 'Running', containerStatuses: [running] }, {}, true)),
    status(pod({ phase: 'Succeeded', ...ended }, {}, true)),
    status(pod({ phase: 'Running', reason: 'NodeLost' }, {}, true)),
  ]).toEqual(['Terminating', 'Completed', 'Unknown']);
});

test('wide columns name the address, the node and passed gates', () => {
  const spec = { nodeName: 'host', readinessGates: [{ conditionType: 'x' }, { conditionType: 'y' }] };
  const given = pod({ podIP: '10.42.0.2', conditions: [{ type: 'x', status: 'True' }] }, spec);
  expect(row(given, true).slice(5)).toEqual(['10.42.0.2', 'host', '<none>', '1/2']);
  expect(row(pod({}), true).slice(5)).toEqual(['<none>', '<none>', '<none>', '<none>']);
});
