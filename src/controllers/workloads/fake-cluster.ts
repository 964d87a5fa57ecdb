import { setMaxListeners } from 'node:events';
import { catalogue } from '../../kinds/catalogue.ts';
import type { Pod, PodStatus } from '../../kinds/types.ts';
import { formatTime } from '../../machinery/time.ts';
import type { FakeRegistry } from '../../registry/fake-registry.ts';
import { createFakeRegistry } from '../../registry/fake-registry.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Controller, Log } from '../controller.ts';
import { createEventRecorder, type EventRecorder } from '../events.ts';
import { createFakeClock, type FakeClock } from '../fake-clock.ts';
import { garbageCollection } from '../garbage-collection.ts';
import { isDeleting, nameOf, objectKey, splitKey } from '../meta.ts';
import { createResources, type Resources } from '../resources.ts';
import { type Runtime, startRuntime } from '../runtime.ts';
import { storageProtection } from '../storage-protection.ts';
import { isPodFinished } from './pod-facts.ts';
import type { ReplicasOptions } from './replicas.ts';

/** What becomes of a pod that runs: it ends, becomes ready, or just goes on. */
export type Fate = 'Succeeded' | 'Failed' | 'Ready' | 'Running' | 'Pending';

/** A cluster in memory without a machine: a made-up kubelet lets pods live as the test says. */
export interface FakeCluster {
  /** As the test uses it: it never crashes. */
  readonly registry: Registry;
  readonly resources: Resources;
  readonly clock: FakeClock;
  /** Writes of the controllers under test so far. */
  readonly writes: number;
  /** Starts the controllers (again). With `crashAfter`, all writes after so many are refused until the next start. */
  start(crashAfter?: number): Promise<void>;
  /** Runs everything that is due now. */
  settle(): Promise<void>;
  /** Lets time pass in steps of a second until the condition holds; throws after `steps` of them. */
  until(condition: () => boolean, what: string, steps?: number): Promise<void>;
  /** Moves time and settles. */
  pass(ms: number): Promise<void>;
  /** `type reason: message` of an object's Events, sorted. */
  events(name: string): readonly string[];
  stop(): void;
}

/** How to make a cluster. */
export interface FakeClusterOptions {
  readonly controllers: (options: ReplicasOptions) => readonly Controller[];
  /** What the kubelet does with a running pod; it becomes ready unless said otherwise. */
  readonly fate?: (pod: Pod) => Fate;
  /** Whether somebody else binds pods. */
  readonly hasScheduler?: boolean;
  /** Where everything is stored; in memory unless given. */
  readonly store?: FakeRegistry['store'];
  /** What the controllers see of the registry. */
  readonly seen?: (registry: Registry) => Registry;
  /** Whether pods that are being deleted stay for now. */
  readonly lingers?: (pod: Pod) => boolean;
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const WRITES = new Set(['create', 'update', 'patch', 'modify', 'delete', 'deleteCollection']);

function statusFor(pod: Pod, fate: Fate, now: number): PodStatus {
  const time = formatTime(now);
  const phase = fate === 'Ready' ? 'Running' : fate;
  const ready = fate === 'Ready' ? 'True' : 'False';
  const before = pod.status?.conditions?.find((c) => c.type === 'Ready');
  const lastTransitionTime = before?.status === ready ? before.lastTransitionTime : time;
  const exit = { exitCode: fate === 'Succeeded' ? 0 : 1, finishedAt: time };
  const state = phase === 'Succeeded' || phase === 'Failed' ? { terminated: exit } : { running: {} };
  return {
    phase,
    startTime: pod.status?.startTime ?? time,
    conditions: [{ type: 'Ready', status: ready, lastTransitionTime }],
    containerStatuses: (pod.spec?.containers ?? []).map(({ name }) => ({
      name,
      state,
      ready: fate === 'Ready',
      restartCount: 0,
      image: '',
      imageID: '',
    })),
  };
}

/** Binds pods, gives them the fate that the test wants, and lets deleted ones go. */
function kubelet(resources: Resources, clock: FakeClock, options: FakeClusterOptions): Controller {
  const { fate = () => 'Ready' as const, lingers = () => false, hasScheduler = false } = options;
  const { pods } = resources;
  const live = async (pod: Pod): Promise<void> => {
    const wanted = fate(pod);
    if (wanted === 'Pending' || (hasScheduler && !pod.spec?.nodeName)) return;
    const bound = pod.spec?.nodeName
      ? pod
      : await pods.modify(pod, (now) => now.spec && { ...now, spec: { ...now.spec, nodeName: 'host' } }, 'binding');
    if (bound === undefined || isPodFinished(bound)) return;
    const status = statusFor(bound, wanted, clock.now());
    if (JSON.stringify(bound.status?.containerStatuses) === JSON.stringify(status.containerStatuses)) return;
    await pods.modify(bound, (now) => ({ ...now, status: { ...now.status, ...status } }), 'status');
  };
  return {
    name: 'kubelet',
    inputs: [{ resource: '/pods', keys: (change) => [objectKey(change.entry.object)] }],
    outputs: [],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const pod = pods.find(namespace, name);
      if (pod === undefined || (isDeleting(pod) && lingers(pod))) return undefined;
      if (!isDeleting(pod)) await live(pod);
      else if (pod.metadata?.deletionGracePeriodSeconds !== 0) await pods.delete(pod, { gracePeriodSeconds: 0 });
      return undefined;
    },
  };
}

/** The registry with a countdown: after so many writes the process is as good as dead. */
function mortal(registry: Registry, life: { left: number; writes: number }): Registry {
  return new Proxy(registry, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function' || !WRITES.has(String(name))) return value;
      return (...args: readonly unknown[]): unknown => {
        if (life.left-- <= 0) return Promise.reject(new Error('crashed'));
        life.writes++;
        return Reflect.apply(value, target, args);
      };
    },
  });
}

function startHouse(
  registry: Registry,
  clock: FakeClock,
  controllers: (options: ReplicasOptions) => readonly Controller[],
): { readonly runtime: Runtime; readonly recorder: EventRecorder; readonly abort: AbortController } {
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  const resources = createResources(registry);
  const recorder = createEventRecorder({ events: resources.events, clock, log: SILENT, host: 'host' });
  const all = controllers({ resources, recorder, clock });
  return { runtime: startRuntime(all, { registry, clock, log: SILENT, signal: abort.signal }), recorder, abort };
}

/** A cluster of the given controllers, a garbage collector and a made-up kubelet. */
export function createFakeCluster(options: FakeClusterOptions): FakeCluster {
  const clock = createFakeClock();
  const store = options.store === undefined ? {} : { store: options.store };
  const registry = createFakeRegistry(catalogue, { clock: () => clock.now(), ...store });
  const resources = createResources(registry);
  const life = { left: Number.POSITIVE_INFINITY, writes: 0 };
  const machine = startHouse(registry, clock, () => [kubelet(resources, clock, options)]);
  let house: ReturnType<typeof startHouse> | undefined;
  const settle = async (): Promise<void> => {
    for (let before = -1; before !== registry.revision; ) {
      before = registry.revision;
      await house?.runtime.idle();
      await house?.recorder.flush();
      await machine.runtime.idle();
    }
  };
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settle();
  };
  return {
    registry,
    resources,
    clock,
    get writes() {
      return life.writes;
    },
    async start(crashAfter = Number.POSITIVE_INFINITY) {
      if (resources.namespaces.find('', 'default') === undefined) {
        await resources.namespaces.create({ metadata: { name: 'default' } });
      }
      house?.abort.abort();
      life.left = crashAfter;
      const more = options.controllers;
      const mine = mortal(options.seen?.(registry) ?? registry, life);
      house = startHouse(mine, clock, (each) => [
        garbageCollection({ registry: mine }),
        storageProtection({ registry: mine }),
        ...more(each),
      ]);
    },
    settle,
    pass,
    async until(condition, what, steps = 3600) {
      await settle();
      for (let step = 0; !condition(); step++) {
        if (step > steps) throw new Error(`never: ${what}; pods: ${resources.pods.list().map(nameOf).join(' ')}`);
        await pass(1000);
      }
    },
    events: (name) =>
      resources.events
        .list()
        .filter((e) => e.involvedObject.name === name)
        .map((e) => `${e.type} ${e.reason}: ${e.message}`)
        .sort(),
    stop() {
      house?.abort.abort();
      machine.abort.abort();
    },
  };
}
