import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deployment, Service } from '../kinds/types.ts';
import type { FakeRegistry } from '../registry/fake-registry.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring.ts';
import { endpointsOfServicesController } from './endpoints-of-services.ts';
import { nameOf } from './meta.ts';
import { podScheduling } from './pod-scheduling.ts';
import type { Resource } from './resources.ts';
import { kindOf, resourceOf } from './resources.ts';
import { createScales } from './scales.ts';
import { serviceEndpointsController } from './service-endpoints.ts';
import { serviceFirewallController } from './service-firewall.ts';
import { serviceNamesController } from './service-names.ts';
import { taintEviction } from './taint-eviction.ts';
import { workloadControllers } from './workload-controllers.ts';
import { createFakeCluster, type FakeCluster } from './workloads/fake-cluster.ts';
import type { ReplicasOptions } from './workloads/replicas.ts';

/** What one change costs beside all that there is. */
export interface PlanningCost {
  readonly what: string;
  /** Objects that each controller read for it. */
  readonly looks: ReadonlyMap<string, number>;
  /** From the change until nobody has anything to do, with the writes; µs by the given clock. */
  readonly micros: number;
}

/** What to measure with. */
export interface PlanningOptions {
  /** Deployments, each with a pod and a Service. */
  readonly objects: number;
  /** In memory unless given. */
  readonly store?: FakeRegistry['store'];
  /** Milliseconds. */
  readonly now?: () => number;
  /** Changes of each sort. */
  readonly rounds?: number;
}

const TIMES = 5;

/** Which controller reads, and how much each has read. */
class Tally {
  readonly #who = new AsyncLocalStorage<string>();
  readonly looks = new Map<string, number>();

  count(objects: number): void {
    const who = this.#who.getStore() ?? '';
    if (who !== '') this.looks.set(who, (this.looks.get(who) ?? 0) + objects);
  }

  /** The controller, whose reads are counted. */
  watched(controller: Controller): Controller {
    const { name, inputs, reconcile } = controller;
    return {
      ...controller,
      inputs: inputs.map(({ resource, keys }) => ({
        resource,
        keys: (change) => this.#who.run(name, () => keys(change)),
      })),
      reconcile: (key, signal) => this.#who.run(name, () => reconcile(key, signal)),
    };
  }

  /** The registry, whose reads are counted. */
  counted(registry: Registry): Registry {
    return {
      ...registry,
      list: (...call) => {
        const page = registry.list(...call);
        this.count(page.entries.length);
        return page;
      },
      find: (...call) => {
        this.count(1);
        return registry.find(...call);
      },
      index: (kind, valuesOf) => {
        const index = registry.index(kind, valuesOf);
        return {
          ...index,
          get: (value) => {
            const found = index.get(value);
            this.count(found.length);
            return found;
          },
        };
      },
    };
  }
}

const nothing = async (): Promise<undefined> => undefined;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Everything that hears of pods and Services, with nothing behind it. */
function controllers(registry: Registry, options: ReplicasOptions): readonly Controller[] {
  const ranges = { serviceCidrs: ['10.43.0.0/16'], podCidrs: ['10.42.0.0/16'] };
  const files = new Map<string, string>();
  return [
    ...workloadControllers({ ...options, scales: createScales(registry) }),
    podScheduling({ ...options, nodeName: 'host' }),
    taintEviction({ ...options, nodeName: 'host' }),
    serviceEndpointsController(registry),
    endpointsOfServicesController(registry),
    endpointSliceMirroringController(registry, options.recorder),
    serviceFirewallController({
      nft: { check: nothing, load: nothing } as never,
      conntrack: { forget: nothing } as never,
      ...{ persist: nothing, activate: nothing, log: SILENT, nodeName: 'host', ...ranges },
    }),
    serviceNamesController({
      resolver: { reloadZone: nothing } as never,
      files: {
        folder: '/net',
        read: async (name) => files.get(name),
        write: async (name, content) => void files.set(name, content),
      },
      serviceManager: { start: nothing, restart: nothing } as never,
      ...{ clusterDomain: 'cluster.local', gateways: [], stubDomains: {}, ...ranges },
    }),
  ];
}

const metadata = (name: string) => ({ name, namespace: 'default' });

function application(name: string): { readonly deployment: Deployment; readonly service: Service } {
  const labels = { app: name, tier: 'web' };
  const resources = { requests: { cpu: '1m', memory: '1Mi' } };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'localhost/hello:1', resources }] },
  };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  return {
    deployment: { metadata: metadata(name), spec } as Deployment,
    service: { metadata: metadata(name), spec: { selector: labels, ports: [{ port: 80 }] } } as Service,
  };
}

/** Fills a cluster with applications, and measures what a change of one of them costs. */
export async function planningCosts(options: PlanningOptions): Promise<readonly PlanningCost[]> {
  const tally = new Tally();
  let seen: Registry | undefined;
  const cluster = createFakeCluster({
    hasScheduler: true,
    ...(options.store ? { store: options.store } : {}),
    seen: (registry) => {
      seen = tally.counted(registry);
      return seen;
    },
    controllers: (each) => controllers(seen as Registry, each).map((controller) => tally.watched(controller)),
  });
  try {
    await fill(cluster, options.objects);
    const costs: PlanningCost[] = [];
    for (const [what, change] of CHANGES) costs.push(await measure({ what, change, cluster, tally }, options));
    return costs;
  } finally {
    cluster.stop();
  }
}

async function fill(cluster: FakeCluster, objects: number): Promise<void> {
  const { nodes, deployments, services } = cluster.resources;
  await cluster.start();
  await nodes.create({
    metadata: { name: 'host' },
    status: { allocatable: { cpu: '64', memory: '64Gi', pods: '5000' } },
  });
  for (let i = 0; i < objects; i++) {
    const { deployment, service } = application(`app-${i}`);
    await services.create(service);
    await deployments.create(deployment);
    if (i % 50 === 49) await cluster.settle();
  }
  await cluster.settle();
}

type Change = (cluster: FakeCluster, round: number) => Promise<unknown>;

const scale = ({ resources }: FakeCluster, replicas: number): Promise<unknown> =>
  resources.deployments.modify(
    { metadata: metadata('app-3') },
    (now) => now.spec && { ...now, spec: { ...now.spec, replicas } },
  );

/** The changes, each of which may be made again and again. */
const CHANGES: readonly (readonly [string, Change])[] = [
  [
    "a pod's readiness",
    async ({ resources }, round) => {
      const pod = resources.pods.list().find((each) => nameOf(each).startsWith('app-2-'));
      const conditions = [{ type: 'Ready', status: round % 2 === 0 ? 'False' : 'True' }];
      return pod && resources.pods.modify(pod, (now) => ({ ...now, status: { ...now.status, conditions } }), 'status');
    },
  ],
  ['a Deployment scaled', (cluster, round) => scale(cluster, round % 2 === 0 ? 2 : 1)],
  [
    'an application applied',
    async ({ registry }, round) => {
      const { deployment, service } = application(`new-${round}`);
      const of = (resource: string): Resource<object> => resourceOf(registry, kindOf(registry, resource));
      await of('/services').create(service);
      await of('apps/deployments').create(deployment);
    },
  ],
];

interface Measurement {
  readonly what: string;
  readonly change: Change;
  readonly cluster: FakeCluster;
  readonly tally: Tally;
}

async function measure({ what, change, cluster, tally }: Measurement, options: PlanningOptions): Promise<PlanningCost> {
  const { now = () => 0, rounds = TIMES } = options;
  // What happens once only is no part of it.
  for (let round = 0; round < 2; round++) await change(cluster, round - 2).then(() => cluster.settle());
  tally.looks.clear();
  const begin = now();
  for (let round = 0; round < rounds; round++) await change(cluster, round).then(() => cluster.settle());
  const micros = ((now() - begin) * 1000) / rounds;
  return { what, looks: new Map([...tally.looks].map(([who, count]) => [who, count / rounds])), micros };
}
