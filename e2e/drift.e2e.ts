import { afterAll, beforeAll, expect, it } from 'vitest';
import { box, eventually } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, podsOf, remove, run, untilRolledOut } from './pods.ts';

let gate: string;

beforeAll(async () => {
  await apply(webDeployment({ name: 'drifting' }));
  await untilRolledOut('drifting');
  const [pod] = await podsOf('drifting');
  gate = `/etc/systemd/system/qs-default_${pod?.metadata?.name}.service`;
});

afterAll(() => remove('deployment', 'drifting'));

async function untilRestored(content: string): Promise<void> {
  await eventually(async () => expect(await box.must(['cat', gate])).toBe(content), {
    timeoutMs: 20_000,
    what: 'the unit is as it was',
  });
}

it('a unit that somebody edits is restored, and its pod’s Events say what was changed', async () => {
  const content = await box.must(['cat', gate]);
  await box.must(['sed', '-i', 's/^TimeoutStartSec=.*/TimeoutStartSec=1/', gate]);
  await untilRestored(content);
  await eventually(async () => expect(await run('get', 'events')).toContain('+TimeoutStartSec=1'), {
    timeoutMs: 20_000,
    what: 'the Event',
  });
});

it('a unit that somebody deletes comes back, and the pod runs on', async () => {
  const content = await box.must(['cat', gate]);
  const [before] = await podsOf('drifting');
  await box.must(['rm', gate]);
  await untilRestored(content);
  const [after] = await podsOf('drifting');
  expect(after?.status?.containerStatuses?.[0]?.containerID).toBe(before?.status?.containerStatuses?.[0]?.containerID);
});
