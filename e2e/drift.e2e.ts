import { afterAll, beforeAll, expect, it } from 'vitest';
import { box, eventually } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, podsOf, remove, run, untilRolledOut } from './pods.ts';

let gate: string;
let dropIn: string;

beforeAll(async () => {
  await apply(webDeployment({ name: 'drifting' }));
  await untilRolledOut('drifting');
  const [pod] = await podsOf('drifting');
  dropIn = `/etc/systemd/system/qs-default_${pod?.metadata?.name}__pod.service.d`;
  gate = `/etc/systemd/system/qs-default_${pod?.metadata?.name}.service`;
});

afterAll(() => remove('deployment', 'drifting'));

async function untilRestored(content: string, path = gate): Promise<void> {
  await eventually(async () => expect(await box.must(['sh', '-c', `cat ${path}`])).toBe(content), {
    what: 'the unit is as it was',
  });
}

it('a unit that somebody edits is restored, and its pod’s Events say what was changed', async () => {
  const content = await box.must(['cat', gate]);
  await box.must(['sed', '-i', 's/^TimeoutStartSec=.*/TimeoutStartSec=1/', gate]);
  await untilRestored(content);
  await eventually(async () => expect(await run('get', 'events')).toContain('+TimeoutStartSec=1'), {
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

it('a drop-in of a unit that somebody edits or takes away is restored, too', async () => {
  const content = await box.must(['sh', '-c', `cat ${dropIn}/*`]);
  await box.must(['sh', '-c', `sed -i s/^Environment=.*// ${dropIn}/*`]);
  await untilRestored(content, `${dropIn}/*`);
  await box.must(['rm', '-r', dropIn]);
  await untilRestored(content, `${dropIn}/*`);
});
