import type { Event } from '../kinds/types.ts';
import { fnv1a } from '../machinery/deep.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { type Clock, timestamp } from './clock.ts';
import type { Log } from './controller.ts';
import { nameOf, namespaceOf, uidOf } from './meta.ts';
import { isStatus, type Resource } from './resources.ts';

/** What happened to an object. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Who says so: `kubelet`, `default-scheduler`, `deployment-controller`, … */
  readonly component: string;
  /** Part of the object, `spec.containers{app}`. */
  readonly fieldPath?: string;
}

/** Records Events. Never rejects: an Event that can't be written is logged. */
export interface EventRecorder {
  record(about: KubernetesObject, happening: Happening): void;
  /** Resolves when everything recorded so far is written. */
  flush(): Promise<void>;
}

/** What the recorder needs. */
export interface EventRecorderOptions {
  readonly events: Resource<Event>;
  readonly clock: Clock;
  readonly log: Log;
  /** The node's name, for `source.host` of the kubelet's events. */
  readonly host: string;
}

function hex(text: string): string {
  return fnv1a(text).toString(16).padStart(8, '0');
}

/**
 * The Event's name: equal happenings share one, so that repeating one counts up a stored Event and nothing has to
 * be remembered across restarts.
 */
export function eventName(about: KubernetesObject, happening: Happening): string {
  const { type, reason, message, component, fieldPath = '' } = happening;
  const identity = [uidOf(about), type, reason, message, component, fieldPath].join('\0');
  return `${nameOf(about)}.${hex(identity)}${hex(`${identity}\0`)}`;
}

function newEvent(about: KubernetesObject, happening: Happening, { host, now }: { host: string; now: string }): Event {
  const { type, reason, message, component, fieldPath } = happening;
  const source = component === 'kubelet' ? { component, host } : { component };
  return {
    metadata: { name: eventName(about, happening), namespace: namespaceOf(about) || 'default' },
    involvedObject: {
      kind: about.kind ?? '',
      apiVersion: about.apiVersion ?? '',
      namespace: namespaceOf(about) || undefined,
      name: nameOf(about),
      uid: uidOf(about),
      resourceVersion: about.metadata?.resourceVersion,
      fieldPath,
    },
    type,
    reason,
    message,
    source,
    reportingComponent: component,
    reportingInstance: source.host ?? '',
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}

function again(event: Event, now: string): Event {
  return { ...event, count: (event.count ?? 1) + 1, lastTimestamp: now };
}

async function write(event: Event, now: string, events: Resource<Event>): Promise<void> {
  const { namespace = '', name = '' } = event.metadata;
  const repeated = events.find(namespace, name);
  if (repeated !== undefined && (await events.modify(event, (e) => again(e, now))) !== undefined) return;
  try {
    await events.create(event);
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
    await events.modify(event, (e) => again(e, now));
  }
}

/** A recorder that aggregates: the same happening on the same object counts up one Event. */
export function createEventRecorder({ events, clock, log, host }: EventRecorderOptions): EventRecorder {
  const pending = new Set<Promise<void>>();
  const tails = new Map<string, Promise<void>>();
  const enqueue = (key: string, run: () => Promise<void>): void => {
    const work = (tails.get(key) ?? Promise.resolve()).then(run).then(() => {
      pending.delete(work);
      if (tails.get(key) === work) tails.delete(key);
    });
    tails.set(key, work);
    pending.add(work);
  };
  return {
    record(about, happening) {
      const now = timestamp(clock);
      const event = newEvent(about, happening, { host, now });
      enqueue(`${namespaceOf(event)}/${nameOf(event)}`, () =>
        write(event, now, events).catch((err: unknown) => {
          log.debug({ namespace: namespaceOf(about), name: nameOf(about), reason: happening.reason, err }, 'no event');
        }),
      );
    },
    flush: async () => {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
