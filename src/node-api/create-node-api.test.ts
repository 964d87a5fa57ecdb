import { expect, test } from 'vitest';
import type { UsageReader } from '../host/usage.ts';
import { catalogue } from '../kinds/catalogue.ts';
import { findSchema } from '../kinds/schema.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { createRegistry } from '../registry/create-registry.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { createNodeApi } from './create-node-api.ts';
import { createUsageMeter } from './usage-meter.ts';

const PODS = [
  {
    metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName: 'me', containers: [{ name: 'app', image: 'x', ports: [{ containerPort: 8080 }] }] },
    status: { podIP: '10.42.0.9', containerStatuses: [{ name: 'app', state: { running: {} } }] },
  },
  {
    metadata: { name: 'waiting', namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName: 'me', containers: [{ name: 'app', image: 'x' }] },
  },
];
const DISK = { totalBytes: 5000, availableBytes: 4000, totalInodes: 50, freeInodes: 40 };
const PRESSURE = {
  memory: { totalBytes: 1, availableBytes: 1, swapTotalBytes: 0 },
  ...{ nodeDisk: DISK, imageDisk: DISK, isOneDisk: true, pids: { used: 7, max: 99 } },
};
const SERVICE = {
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] },
};
const SLICE = {
  metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080 }],
  endpoints: [
    { addresses: ['10.42.0.9'], conditions: { ready: true } },
    { addresses: ['10.42.0.10'], conditions: { ready: false } },
  ],
};

/** A host on which every container has used as much as has passed, twice: once per reading. */
function reader(): UsageReader {
  let readings = 0;
  const usage = { workingSetBytes: 1500, usageBytes: 2000, rssBytes: 1000, pageFaults: 0, majorPageFaults: 0 };
  return {
    readContainer: async (group) => ({
      ...usage,
      group,
      cpuNanoseconds: readings++ * 1e9,
      swapBytes: 0,
      processes: [1],
    }),
    readMachine: async () => ({ ...usage, cpuNanoseconds: readings++ * 1e9, availableBytes: 5000 }),
    readInterfaces: async () => [{ name: 'eth0', rxBytes: 1, rxErrors: 0, txBytes: 2, txErrors: 0 }],
  };
}

async function house() {
  const schema = { lookup: findSchema };
  const registry = createRegistry({
    store: createMemoryStore(),
    catalogue,
    schema,
    admission: [],
    clock: Date.now,
    random: () => 0,
  });
  const put = async (group: string, plural: string, object: KubernetesObject): Promise<void> => {
    const kind = registry.definition(group, plural);
    if (kind === undefined) throw new Error(plural);
    const { namespace = '', name = '' } = object.metadata ?? {};
    await registry.create(kind, object, { namespace });
    const status = (object as { readonly status?: object }).status;
    if (status !== undefined) {
      await registry.modify(kind, { namespace, name }, (now) => ({ ...now, status }), { subresource: 'status' });
    }
  };
  await put('', 'namespaces', { metadata: { name: 'default' } });
  await put('', 'nodes', { metadata: { name: 'me' } });
  for (const pod of PODS) await put('', 'pods', pod as KubernetesObject);
  await put('', 'services', SERVICE as KubernetesObject);
  await put('discovery.k8s.io', 'endpointslices', SLICE as KubernetesObject);
  let at = 0;
  const sleep = async (ms: number): Promise<void> => {
    at += ms;
  };
  return createNodeApi({
    registry,
    reader: reader(),
    nodeName: 'me',
    disks: {
      volumes: async () => [{ name: 'scratch', bytes: 700, inodes: 3 }],
      containers: async () => [{ name: 'app', layerBytes: 200, logBytes: 100 }],
    },
    readPressure: async () => PRESSURE,
    meter: createUsageMeter({ now: () => at, sleep }),
  });
}

const key = (name: string) => ({ namespace: 'default', name });

test('metrics are those of what runs, and what runs not has none', async () => {
  const { metrics } = await house();
  const [found, ...others] = await metrics.pods.list({ namespace: 'default', labelSelector: 'app=web' });
  expect([found?.metadata?.name, found?.containers[0]?.usage.memory, others]).toEqual(['web', '2Ki', []]);
  await expect(metrics.pods.get(key('waiting'))).rejects.toThrow('pods.metrics.k8s.io "default/waiting" not found');
  expect((await metrics.nodes.get({ namespace: '', name: 'me' })).kind).toBe('NodeMetrics');
});

test('a pod is reached at the port that is asked for, or at its first one', async () => {
  const { proxies } = await house();
  expect([proxies.pods(key('web')), proxies.pods(key('https:web:443'))]).toEqual([
    { scheme: 'http', host: '10.42.0.9', port: 8080 },
    { scheme: 'https', host: '10.42.0.9', port: 443 },
  ]);
  expect(() => proxies.pods(key('waiting'))).toThrow('address not allowed');
  expect(() => proxies.pods(key('ftp:web:1'))).toThrow('invalid pod request "ftp:web:1"');
});

test("a Service is reached at one of its ready endpoints, by its port's name or number", async () => {
  const { proxies } = await house();
  const location = { scheme: 'http', host: '10.42.0.9', port: 8080 };
  expect([proxies.services(key('web:http')), proxies.services(key('web:80'))]).toEqual([location, location]);
  expect(() => proxies.services(key('web:81'))).toThrow('no service port 81 found for service "web"');
  expect(() => proxies.services(key('web:none'))).toThrow('no endpoints available for service "web:none"');
});

test('the node shows its pods and what they use', async () => {
  const { proxies } = await house();
  const { site } = proxies.nodes({ namespace: '', name: 'me:10250' });
  const summary = JSON.parse((await site('/stats/summary'))?.body ?? '');
  expect(summary.pods).toMatchObject([
    { podRef: { name: 'web' }, memory: { workingSetBytes: 1500 }, network: { name: 'eth0', rxBytes: 1 } },
  ]);
  expect(summary.node).toMatchObject({
    fs: { availableBytes: 4000, capacityBytes: 5000, usedBytes: 1000, inodesFree: 40, inodes: 50, inodesUsed: 10 },
    runtime: { imageFs: { usedBytes: 1000 } },
    rlimit: { maxpid: 99, curproc: 7 },
  });
  expect(summary.pods[0]).toMatchObject({
    containers: [{ rootfs: { usedBytes: 200 }, logs: { usedBytes: 100 } }],
    volume: [{ name: 'scratch', usedBytes: 700, inodesUsed: 3 }],
    'ephemeral-storage': { usedBytes: 1000, capacityBytes: 5000 },
  });
  expect((await site('/metrics/resource'))?.body).toContain(
    'pod_memory_working_set_bytes{namespace="default",pod="web"} 1500\n',
  );
  expect([(await site('/healthz'))?.body, await site('/nothing')]).toEqual(['ok', undefined]);
  expect(() => proxies.nodes({ namespace: '', name: 'other' })).toThrow('nodes "other" not found');
});
