import { expect, it } from 'vitest';
import { planningCosts } from './fake-planning.ts';

it('costs a change what it concerns, however much there is beside it', async () => {
  const [few, many] = [await planningCosts({ objects: 5 }), await planningCosts({ objects: 25 })];
  const looks = (costs: typeof few) => costs.map(({ what, looks }) => [what, Object.fromEntries([...looks].sort())]);
  expect(looks(many)).toEqual(looks(few));
});
