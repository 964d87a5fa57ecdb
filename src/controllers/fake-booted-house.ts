import { onTestFinished } from 'vitest';
import { createFakeServiceManager } from '../../systemd/fake-service-manager.ts';
import { createFakePodman } from '../host/fake-podman.ts';
import type { Pod } from '../kinds/types.ts';
import { createFakeHouse } from './fake-house.ts';
import { isPodReady } from './workloads/pod-facts.ts';

/** A machine in memory with two images of hello, whose controllers run. */
export type BootedHouse = ReturnType<typeof makeHouse>;

function makeHouse() {
  return createFakeHouse({
    serviceManager: (now) => createFakeServiceManager({ now }),
    podman: (now) => createFakePodman({ now }),
  });
}

/** Starts such a machine and waits until it has its Node, accounts and root certificates; it stops with the test. */
export async function booted(): Promise<BootedHouse> {
  const made = makeHouse();
  onTestFinished(() => made.stop());
  made.podman.addImage('localhost/hello:1');
  made.podman.addImage('localhost/hello:2');
  made.start();
  const ready = (): boolean =>
    made.resources.nodes.find('', 'host')?.status?.conditions !== undefined &&
    made.resources.serviceAccounts.find('default', 'default') !== undefined &&
    made.resources.configMaps.find('kube-system', 'kube-root-ca.crt') !== undefined;
  await made.until(ready, 'booted');
  return made;
}

/** Metadata of an object in the namespace "default". */
export const metadata = (name: string) => ({ name, namespace: 'default' });

/** A pod of one container. */
export function pod(name: string, spec: Partial<NonNullable<Pod['spec']>> = {}): Pod {
  return { metadata: metadata(name), spec: { containers: [{ name: 'app', image: 'localhost/hello:1' }], ...spec } };
}

/** Events of an object as `Type Reason: message`, sorted. */
export function messages(made: BootedHouse, name: string): readonly string[] {
  return made.resources.events
    .list()
    .filter((e) => e.involvedObject.name === name)
    .map((e) => `${e.type} ${e.reason}: ${e.message}`)
    .sort();
}

/** A pod in the namespace "default". */
export const find = (made: BootedHouse, name: string): Pod | undefined => made.resources.pods.find('default', name);

/** Whether there is such a pod, and it is Ready. */
export const isReady = (made: BootedHouse, name: string): boolean => {
  const found = find(made, name);
  return found !== undefined && isPodReady(found);
};
