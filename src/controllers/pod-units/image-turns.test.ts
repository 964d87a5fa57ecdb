import { expect, it } from 'vitest';
import type { Pod } from '../../kinds/types.ts';
import { dueContainers } from './image-turns.ts';

const pod = (statuses: readonly object[]): Pod =>
  ({
    spec: {
      initContainers: [{ name: 'first' }, { name: 'sidecar', restartPolicy: 'Always' }, { name: 'last' }],
      containers: [{ name: 'app' }, { name: 'helper' }],
    },
    status: { initContainerStatuses: statuses },
  }) as unknown as Pod;

const ended = (name: string, exitCode = 0) => ({ name, state: { terminated: { exitCode } } });
const up = { name: 'sidecar', started: true, state: { running: {} } };

it('lets init containers have their turn one by one, sidecars when they have started, and the others then', () => {
  expect([...dueContainers(pod([]))]).toEqual(['first']);
  expect([...dueContainers(pod([ended('first', 1)]))]).toEqual(['first']);
  expect([...dueContainers(pod([ended('first')]))]).toEqual(['first', 'sidecar']);
  expect([...dueContainers(pod([ended('first'), up]))]).toEqual(['first', 'sidecar', 'last']);
  expect([...dueContainers(pod([ended('first'), up, ended('last')]))]).toEqual([
    'first',
    'sidecar',
    'last',
    'app',
    'helper',
  ]);
});
