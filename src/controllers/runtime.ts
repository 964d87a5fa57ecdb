import { setMaxListeners } from 'node:events';
import type { Registry } from '../registry/registry.ts';
import type { Clock } from './clock.ts';
import type { Controller, ControllerInput, Log, ObjectChange } from './controller.ts';
import { kindOf } from './resources.ts';
import { createWorkQueue, type QueueCounts, type WorkQueue } from './work-queue.ts';

/** How often everything is looked at again though nothing was heard: the safety net. */
const RESYNC_MS = 600_000;

/** What the runtime needs. */
export interface RuntimeOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Milliseconds between safety-net looks; 10 minutes unless given. */
  readonly resyncMs?: number;
}

/** Running controllers. */
export interface Runtime {
  /** Makes every controller look at everything again: what was heard can't be relied on, or the clock was set. */
  resync(): void;
  /** What each controller's queue has done. */
  counts(): ReadonlyMap<string, QueueCounts>;
  /** Makes one controller look at a key now. */
  enqueue(controller: string, key: string): void;
  /** Resolves when these controllers have nothing to do: what is stored now has reached what they write to. */
  settled(controllers: readonly string[]): Promise<void>;
  /** Resolves when no controller has anything to do; for tests and orderly shutdown. */
  idle(): Promise<void>;
}

/** The pairs of controllers that both claim an output alone; empty when the declaration is sound. */
export function outputConflicts(controllers: readonly Controller[]): readonly string[] {
  const conflicts: string[] = [];
  const writers = new Map<string, { readonly name: string; readonly exclusive: boolean }>();
  for (const { name, outputs } of controllers) {
    for (const output of outputs) {
      const exclusive = output.mode === 'exclusive';
      const other = writers.get(output.what);
      if (other !== undefined && (other.exclusive || exclusive)) {
        conflicts.push(`${output.what} is written by both ${other.name} and ${name}`);
      }
      writers.set(output.what, { name, exclusive: exclusive || (other?.exclusive ?? false) });
    }
  }
  return conflicts;
}

/** A controller's inputs among the kinds that are there now, by their resource. */
function inputsNow(registry: Registry, controller: Controller): ReadonlyMap<string, ControllerInput> {
  const found = new Map<string, ControllerInput>();
  for (const kind of controller.everyKind === undefined ? [] : registry.catalogue) {
    const resource = `${kind.group}/${kind.plural}`;
    const keys = found.has(resource) ? undefined : controller.everyKind?.(kind);
    if (keys !== undefined) found.set(resource, { resource, keys });
  }
  return found;
}

/** Feeds the queue from kinds that come and go, until aborted. */
function followCatalogue(controller: Controller, queue: WorkQueue, { registry, signal }: RuntimeOptions): void {
  if (controller.everyKind === undefined) return;
  const running = new Map<string, () => void>();
  const follow = (): void => {
    const inputs = inputsNow(registry, controller);
    for (const [resource, stop] of running) {
      if (inputs.has(resource)) continue;
      stop();
      running.delete(resource);
    }
    for (const [resource, input] of inputs) {
      if (running.has(resource)) continue;
      running.set(resource, subscribeInput(registry, input, queue));
      for (const key of storedKeys(registry, input)) queue.add(key);
    }
  };
  follow();
  const unsubscribe = registry.subscribeCatalogue(follow);
  const stopAll = (): void => {
    for (const stop of [unsubscribe, ...running.values()]) stop();
  };
  signal.addEventListener('abort', stopAll, { once: true });
}

function subscribeInput(registry: Registry, input: ControllerInput, queue: WorkQueue): () => void {
  return registry.subscribe(kindOf(registry, input.resource), (events) => {
    for (const event of events) for (const key of input.keys(event)) queue.add(key);
  });
}

function storedKeys(registry: Registry, input: ControllerInput): readonly string[] {
  return registry.list(kindOf(registry, input.resource), {}).entries.flatMap((entry) => {
    const event: ObjectChange = { type: 'ADDED', revision: entry.revision, entry, previous: undefined };
    return input.keys(event);
  });
}

async function enqueueAll(registry: Registry, controller: Controller, queue: WorkQueue): Promise<void> {
  const inputs = [...controller.inputs, ...inputsNow(registry, controller).values()];
  for (const input of inputs) for (const key of storedKeys(registry, input)) queue.add(key);
  for (const key of (await controller.extraKeys?.()) ?? []) queue.add(key);
}

interface Running {
  readonly queue: WorkQueue;
  readonly look: () => void;
}

function startController(controller: Controller, options: RuntimeOptions): Running {
  const { registry, clock, log, signal } = options;
  const queue = createWorkQueue({
    clock,
    signal,
    concurrency: controller.concurrency ?? 1,
    process: (key) => controller.reconcile(key, signal),
    onError: (key, err, retryMs) => log.warn({ controller: controller.name, key, err, retryMs }, 'reconcile failed'),
  });
  for (const input of controller.inputs) {
    const unsubscribe = subscribeInput(registry, input, queue);
    signal.addEventListener('abort', unsubscribe, { once: true });
  }
  followCatalogue(controller, queue, options);
  controller.hints?.((key) => queue.add(key), signal);
  const look = (): void => {
    enqueueAll(registry, controller, queue).catch((err: unknown) => {
      log.warn({ controller: controller.name, err }, 'resync failed');
    });
  };
  look();
  startResync(look, options);
  return { queue, look };
}

function startResync(look: () => void, { clock, signal, resyncMs = RESYNC_MS }: RuntimeOptions): void {
  let cancel = (): void => {};
  const arm = (): void => {
    cancel = clock.after(resyncMs, () => {
      look();
      arm();
    });
  };
  arm();
  signal.addEventListener('abort', () => cancel(), { once: true });
}

/**
 * Starts controllers: each has a queue fed by its inputs, its driver hints and a slow resync.
 * Throws when two of them claim the same output.
 */
export function startRuntime(controllers: readonly Controller[], options: RuntimeOptions): Runtime {
  const conflicts = outputConflicts(controllers);
  if (conflicts.length > 0) throw new Error(`controllers refuse to start: ${conflicts.join('; ')}`);
  // Every controller stops with this one signal: many listeners are no leak here.
  setMaxListeners(0, options.signal);
  const running = controllers.map((c) => [c.name, startController(c, options)] as const);
  const queues = new Map(running.map(([name, { queue }]) => [name, queue]));
  return {
    resync: () => {
      for (const [, { look }] of running) look();
    },
    counts: () => new Map(running.map(([name, { queue }]) => [name, queue.counts()])),
    enqueue: (name, key) => queues.get(name)?.add(key),
    settled: async (names) => {
      // Changes that are being told of are in the queues after this turn.
      await new Promise<void>((resolve) => setImmediate(resolve));
      await Promise.all(names.map((name) => queues.get(name)?.idle()));
    },
    idle: async () => {
      for (let round = 0; round < 3; round++) await Promise.all([...queues.values()].map((q) => q.idle()));
    },
  };
}
