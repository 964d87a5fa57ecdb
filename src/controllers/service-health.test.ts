import { beforeEach, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import { kindOf } from './resources.ts';
import { serviceHealthController } from './service-health.ts';

let registry: FakeRegistry;
let done: string[];
let result: 'done' | 'failed';
let entries: { root: 'unit'; path: string; owner: string }[];

function controller() {
  const unit = (verb: string) => async (name: string) => {
    done.push(`${verb} ${name}`);
    return result;
  };
  return serviceHealthController(registry, {
    unitDirectory: {
      apply: async ([desired]) => {
        done.push(`write ${desired?.files.length} files`);
        return { changed: [], reloadNeeded: done.length === 1, onlyNew: true, onlyGone: false };
      },
      remove: async (owners) => {
        done.push(`remove ${owners.join()}`);
        return { changed: [], reloadNeeded: true, onlyNew: false, onlyGone: false };
      },
      list: async () => entries,
    },
    serviceManager: {
      reload: async () => void done.push('reload'),
      start: unit('start'),
      restart: unit('restart'),
      stop: unit('stop'),
      list: async () => [],
    },
    recorder: { record: (_, { reason }) => void done.push(reason), flush: async () => {} },
    stateFolder: '/state',
    nodeName: 'here',
  });
}

const reconcile = (one: ReturnType<typeof controller>, key = 'default/web') =>
  one.reconcile(key, new AbortController().signal);

async function addService(): Promise<KubernetesObject> {
  const spec = {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 30_999,
    ports: [{ port: 80 }],
  };
  const object = { metadata: { name: 'web', namespace: 'default' }, spec };
  return (await registry.create(kindOf(registry, '/services'), object)).entry.object;
}

const SOCKET = 'qs-_health_default_web.socket';

beforeEach(async () => {
  [done, entries, result] = [[], [], 'done'];
  registry = createFakeRegistry(catalogue);
  await registry.create(kindOf(registry, '/namespaces'), { metadata: { name: 'default' } });
});

it('opens a socket, and changes its answer only from then on', async () => {
  await addService();
  const one = controller();
  await reconcile(one);
  expect(done).toEqual(['write 3 files', 'reload', `restart ${SOCKET}`]);
  await reconcile(one);
  expect(done.slice(3)).toEqual(['write 3 files', `start ${SOCKET}`]);
});

it('closes the socket of a Service that is gone, even when it went while nobody listened', async () => {
  entries = [{ root: 'unit', path: SOCKET, owner: 'u1' }];
  const one = controller();
  expect(await one.extraKeys?.()).toEqual(['default/web']);
  await reconcile(one);
  expect(done).toEqual([`stop ${SOCKET}`, 'remove u1', 'reload']);
});

it('says so when somebody else has the port', async () => {
  await addService();
  result = 'failed';
  await expect(reconcile(controller())).rejects.toThrow(`${SOCKET}: failed`);
  expect(done.at(-1)).toBe('FailedToStartServiceHealthcheck');
});
