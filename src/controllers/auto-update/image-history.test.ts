import { expect, it } from 'vitest';
import type { Pod } from '../../kinds/types.ts';
import { followImages, NO_HISTORY } from './image-history.ts';

const pod = (imageID: string, ready: boolean): Pod => ({
  metadata: {},
  status: {
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [{ name: 'app', imageID, image: '', ready, restartCount: 0 }],
  },
});

function outcomes(...looks: readonly Pod[]): readonly string[] {
  let history = NO_HISTORY;
  return looks.flatMap((look) => {
    const followed = followImages(look, history);
    history = followed.history;
    return followed.verdicts.map((v) => `${v.outcome} ${v.from}→${v.to}`);
  });
}

it('a new image that becomes ready is an update', () => {
  expect(outcomes(pod('a', true), pod('b', false), pod('b', true), pod('b', true))).toEqual(['updated a→b']);
});

it('a new image that gives way to the old one was rolled back', () => {
  expect(outcomes(pod('a', true), pod('b', false), pod('b', false), pod('a', false), pod('a', true))).toEqual([
    'rolled-back a→b',
  ]);
});

it('the first image of a pod is neither', () => {
  expect(outcomes(pod('', false), pod('a', false), pod('a', true))).toEqual([]);
});
