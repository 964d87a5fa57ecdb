import { expect, it } from 'vitest';
import type { Pod } from '../../kinds/types.ts';
import { inDeletionOrder } from './deletion-order.ts';

function pod(
  name: string,
  more: { node?: string; phase?: string; ready?: string; made?: string; restarts?: number; cost?: string } = {},
): Pod {
  const { node = 'host', phase = 'Running', ready, made = '2026-01-01T00:00:00Z', restarts = 0, cost } = more;
  const annotations: { readonly [key: string]: string } =
    cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost };
  return {
    metadata: { name, creationTimestamp: made, annotations },
    spec: { nodeName: node, containers: [] },
    status: {
      phase,
      conditions: ready === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: ready }],
      containerStatuses: [{ name: 'c', restartCount: restarts, image: '', imageID: '', ready: true }],
    },
  };
}

it('deletes unplaced, pending, unready, cheap, young and restless pods first', () => {
  const ready = '2026-01-01T01:00:00Z';
  const wanted = [
    pod('unplaced', { node: '', phase: 'Pending' }),
    pod('pending', { phase: 'Pending' }),
    pod('unready-young', { made: '2026-01-01T00:30:00Z' }),
    pod('unready-old'),
    pod('cheap', { ready, cost: '-5' }),
    pod('ready-late', { ready: '2026-01-01T02:00:00Z' }),
    pod('restless', { ready, restarts: 3 }),
    pod('old', { ready }),
    pod('dear', { ready, cost: '10' }),
  ];
  const names = inDeletionOrder([...wanted].reverse()).map((p) => p.metadata?.name);
  expect(names).toEqual(wanted.map((p) => p.metadata?.name));
});
