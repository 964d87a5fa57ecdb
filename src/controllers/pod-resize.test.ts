import { afterEach, expect, it } from 'vitest';
import { createFakeServiceManager } from '../../systemd/fake-service-manager.ts';
import { podSlice } from '../../translators/units/pod-slice.ts';
import { createFakePodman } from '../host/fake-podman.ts';
import type { Pod } from '../kinds/types.ts';
import { parseThresholds } from './eviction/thresholds.ts';
import { createFakeHouse } from './fake-house.ts';
import { isPodReady } from './workloads/pod-facts.ts';

const MI = 2 ** 20;
const disk = { totalBytes: 1000 * MI, availableBytes: 500 * MI, totalInodes: 1000, freeInodes: 500 };
const calm = {
  memory: { totalBytes: 4096 * MI, availableBytes: 2048 * MI, swapTotalBytes: 0 },
  ...{ nodeDisk: disk, imageDisk: disk, isOneDisk: true, pids: { used: 1, max: 100 } },
};
const nothing = { hard: {}, soft: {}, softGraceSeconds: {}, minimumReclaim: {} };

const house = createFakeHouse({
  serviceManager: (now) => createFakeServiceManager({ now }),
  podman: (now) => createFakePodman({ now }),
});
afterEach(() => house.stop());

const find = (): Pod | undefined => house.resources.pods.find('default', 'web');
const condition = (type: string) => find()?.status?.conditions?.find((one) => one.type === type);
const said = (): readonly string[] =>
  house.resources.events
    .list()
    .flatMap(({ type, reason }) => (reason?.startsWith('Resize') ? [`${type} ${reason}`] : []))
    .sort();

it('a pod is given less memory as a whole where it runs, as soon as it uses less', async () => {
  let usageBytes = 40 * MI;
  const load = () => [{ name: 'app', memoryBytes: 0, usageBytes, processes: 1 }];
  house.podman.addImage('localhost/hello:1');
  house.start({
    pressure: {
      read: async () => calm,
      policy: { thresholds: parseThresholds(nothing), transitionMs: 60_000, maxPodGraceSeconds: 0 },
      podMemory: async (pods) => new Map(pods.map((pod) => [pod, load()])),
    },
  });
  await house.until(() => house.resources.serviceAccounts.find('default', 'default') !== undefined, 'booted');
  const containers = [{ name: 'app', image: 'localhost/hello:1' }];
  const sized = (memory: string) => ({ requests: { memory: '8Mi' }, limits: { memory } });
  const web: Pod = { metadata: { name: 'web', namespace: 'default' }, spec: { containers, resources: sized('64Mi') } };
  const made = await house.resources.pods.create(web);
  await house.until(() => isPodReady(find() ?? made), 'web is ready');
  await house.settle();
  const id = find()?.status?.containerStatuses?.[0]?.containerID;
  const resize = (pod: Pod): Pod => ({ ...pod, spec: { ...(pod.spec ?? { containers }), resources: sized('32Mi') } });
  const slice = podSlice(find() ?? made);
  house.serviceManager.define({ name: slice });
  await house.serviceManager.reload();
  await house.resources.pods.modify(made, resize, 'resize');
  await house.until(() => condition('PodResizeInProgress') !== undefined, 'the resize fails');
  expect(condition('PodResizeInProgress')).toMatchObject({
    reason: 'Error',
    message: expect.stringContaining('attempting to set pod memory limit (33554432) below current usage (41943040)'),
  });
  await house.settle();
  expect([find()?.status?.resources, said()]).toEqual([sized('64Mi'), ['Warning ResizeError']]);
  usageBytes = 16 * MI;
  await house.until(() => find()?.status?.resources?.limits?.['memory'] === '32Mi', 'the resize is done');
  await house.settle();
  expect(condition('PodResizeInProgress')).toBeUndefined();
  expect(find()?.status?.containerStatuses).toMatchObject([{ containerID: id, restartCount: 0 }]);
  expect(house.podman.calls.filter((call) => call.startsWith('update'))).toEqual([expect.stringMatching(/ 33554432$/)]);
  expect(house.serviceManager.calls.filter((call) => call.startsWith('resources'))).toEqual([
    `resources ${slice} 1  54525952`,
  ]);
  expect(said()).toEqual(['Normal ResizeCompleted', 'Normal ResizeStarted', 'Warning ResizeError']);
});
