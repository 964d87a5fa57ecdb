import { afterAll, expect, it } from 'vitest';
import type { ContainerStatus, Pod } from '../src/kinds/types.ts';
import { shellPod } from './manifests.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';

const GOOD = 'localhost:5000/busybox:latest';

afterAll(() => remove('pod', 'turns'));

const container = (name: string, image: string, script = 'exec sleep 1000'): object => ({
  name,
  image,
  command: ['sh', '-c', script],
});

const of = ({ status }: Pod, name: string): ContainerStatus | undefined =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find((one) => one.name === name);

it('runs init containers before the images of the others are there, and holds nobody up for an image that is not', async () => {
  const manifest = shellPod('turns', '', {
    terminationGracePeriodSeconds: 0,
    initContainers: [container('init', GOOD, 'exit 0')],
    containers: [container('good', GOOD), container('bad', 'localhost:5000/no-such-image:v1')],
  });
  await apply(manifest);
  const partly = await untilPod(
    'turns',
    (pod) =>
      of(pod, 'good')?.state?.running !== undefined && /Image/.test(of(pod, 'bad')?.state?.waiting?.reason ?? ''),
    'one of two containers runs',
  );
  expect(of(partly, 'init')?.state?.terminated?.exitCode).toBe(0);
  expect(partly.status?.phase).toBe('Pending');
  const { items } = await getObject<{ items: { message: string; involvedObject: { fieldPath: string } }[] }>(
    'events',
    `--field-selector=involvedObject.uid=${partly.metadata?.uid},reason=Started`,
  );
  expect(items.map(({ involvedObject }) => involvedObject.fieldPath).sort()).toEqual([
    'spec.containers{good}',
    'spec.initContainers{init}',
  ]);
  await run('set', 'image', 'pod/turns', `bad=${GOOD}`);
  const whole = await untilPod('turns', isReady, 'all run');
  expect(of(whole, 'good')?.restartCount).toBe(0);
});
