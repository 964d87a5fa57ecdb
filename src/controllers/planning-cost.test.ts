import { expect, it } from 'vitest';
import { planningCosts } from './fake-planning.ts';

it('costs a change what it concerns, however much there is beside it', async () => {
  const few = await planningCosts({ objects: 4, rounds: 2 });
  const many = await planningCosts({ objects: 16, rounds: 2 });
  const looks = (costs: typeof few) => costs.map(({ what, looks }) => [what, Object.fromEntries([...looks].sort())]);
  expect(looks(many)).toEqual(looks(few));
}, 60_000);
