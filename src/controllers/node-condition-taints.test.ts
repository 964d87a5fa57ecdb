import { expect, it } from 'vitest';
import type { Node } from '../kinds/types.ts';
import { conditionTaints } from './node-condition-taints.ts';

const own = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };
const node = (conditions: readonly object[], spec: object = {}): Node => ({ spec, status: { conditions } }) as Node;
const pressed = [
  { type: 'DiskPressure', status: 'True' },
  { type: 'MemoryPressure', status: 'False' },
];

it('taints a node that is short of something, or cordoned, and keeps the taints of others', () => {
  const timeAdded = '1970-01-01T00:00:00Z';
  expect(conditionTaints(node(pressed, { taints: [own], unschedulable: true }), 0)).toEqual([
    own,
    { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', timeAdded },
    { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded },
  ]);
});

it('takes its taints away again, and leaves alone what is as it should be', () => {
  const disk = { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' };
  const evicting = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
  const taints = [disk, evicting];
  expect(conditionTaints(node(pressed, { taints }), 0)).toBeUndefined();
  expect(conditionTaints(node([], { taints }), 0)).toEqual([evicting]);
});
