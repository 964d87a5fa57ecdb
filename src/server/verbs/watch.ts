import { setImmediate } from 'node:timers/promises';
import type { KindDefinition } from '../../kinds/definition.ts';
import { apiVersionOf } from '../../machinery/object.ts';
import { badRequest, expired, invalid, type Status, StatusError } from '../../machinery/status-error.ts';
import type { ListPage, Registry, Selection } from '../../registry/registry.ts';
import { negotiate, type Representation } from '../accept.ts';
import type { Answer, Call } from '../call.ts';
import { parseWatchOptions, type WatchOptions } from '../options.ts';
import { representObject } from '../representation.ts';
import type { SerializedObject } from '../serialized.ts';
import type { Services, Target } from '../services.ts';
import { includedObject, tableText } from '../table.ts';
import { inNamespace } from './selection.ts';
import { startWatchClock, type WatchClock } from './watch-clock.ts';

/** GET with watch=true: a stream of events, one JSON object per line. */
export async function handleWatch({ registry }: Services, { kind, key }: Target, call: Call): Promise<Answer> {
  const options = parseWatchOptions(call.query);
  const representation = watchable(negotiate(call.headers.accept));
  const selection = { ...selectors(call, key.name), ...inNamespace(key) };
  const watch: WatchRequest = { registry, kind, selection, options, call, representation };
  await registry.prepare(kind, selection);
  const start = startOf(watch);
  return { kind: 'stream', contentType: 'application/json', chunks: lines(watch, start) };
}

interface WatchRequest {
  readonly registry: Registry;
  readonly kind: KindDefinition;
  readonly selection: Selection;
  readonly options: WatchOptions;
  readonly call: Call;
  readonly representation: Representation;
}

/** What is sent before the first event, and after which resourceVersion events follow. */
interface Start {
  readonly initial: ListPage | undefined;
  readonly after: number;
}

function selectors(call: Call, name: string): Selection {
  const given = call.query.get('fieldSelector') ?? '';
  const named = name === '' ? '' : `metadata.name=${name}`;
  return {
    labelSelector: call.query.get('labelSelector') ?? undefined,
    fieldSelector: [given, named].filter((part) => part !== '').join(',') || undefined,
  };
}

function watchable(representation: Representation): Representation {
  if (representation.as !== 'PartialObjectMetadataList') return representation;
  return { ...representation, as: 'PartialObjectMetadata' };
}

/** `''` and `0` begin with what there is now, N right after N ("Resource Versions" in the API concepts). */
function startOf({ registry, kind, selection, options }: WatchRequest): Start {
  const { resourceVersion, sendInitialEvents } = options;
  const fromNow = resourceVersion === '' || resourceVersion === '0';
  const after = fromNow ? registry.revision : parseResourceVersion(resourceVersion);
  if (sendInitialEvents ?? fromNow) {
    const initial = registry.list(kind, selection);
    return { initial, after: Number(initial.resourceVersion) };
  }
  return { initial: undefined, after };
}

function parseResourceVersion(value: string): number {
  if (/^[0-9]{1,15}$/.test(value)) return Number(value);
  const message = `Invalid value: ${JSON.stringify(value)}: strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`;
  const error = { type: 'FieldValueInvalid', field: 'resourceVersion', message } as const;
  throw value.length > 15 && /^[0-9]+$/.test(value)
    ? badRequest(`resourceVersion: ${message.replace('invalid syntax', 'value out of range')}`)
    : invalid({ group: 'meta.k8s.io', resource: 'ListOptions', name: '' }, [error]);
}

/** The lines of a watch. Ends at its timeout, when the client goes, or after an ERROR event. */
async function* lines(watch: WatchRequest, start: Start): AsyncGenerator<string> {
  const render = makeRenderer(watch);
  try {
    const events = watch.registry.watch(watch.kind, watch.selection, start.after);
    try {
      yield* initialLines(watch, start, render);
      yield* eventLines(watch, events[Symbol.asyncIterator](), render);
    } finally {
      events.close();
    }
  } catch (error) {
    const status = statusOf(error);
    // A watcher that is too slow just ends; it starts again from where it was.
    if (status !== undefined) yield `{"type":"ERROR","object":${JSON.stringify(status)}}\n`;
  }
}

function statusOf(error: unknown): Status | undefined {
  if (error instanceof StatusError) return error.status;
  if (error instanceof Error && error.name === 'RevisionCompactedError') return expired(error.message).status;
  if (error instanceof Error && error.name === 'WatchOverflowError') return undefined;
  throw error;
}

type RenderObject = (entry: SerializedObject) => string;

function* initialLines({ kind, options }: WatchRequest, start: Start, render: RenderObject): Generator<string> {
  for (const entry of start.initial?.entries ?? []) yield `{"type":"ADDED","object":${render(entry)}}\n`;
  if (options.sendInitialEvents && options.allowBookmarks) {
    yield bookmark(kind, start.after, render, { 'k8s.io/initial-events-end': 'true' });
  }
}

interface WatchEvent {
  readonly type: string;
  readonly entry: SerializedObject;
}

async function* eventLines(
  watch: WatchRequest,
  events: AsyncIterator<WatchEvent>,
  render: RenderObject,
): AsyncGenerator<string> {
  const clock = startWatchClock(watch.options, watch.call.signal);
  try {
    let next = events.next();
    while (!clock.ended()) {
      const result = await eventOrTick(next, clock);
      if (result?.done) return;
      if (result !== undefined) {
        yield `{"type":"${result.value.type}","object":${render(result.value.entry)}}\n`;
        next = events.next();
      } else if (clock.takeMark()) {
        yield* bookmarkWhenCaughtUp(watch, next, render);
      }
    }
  } finally {
    clock.stop();
  }
}

/** The next event, or undefined when the clock has something to say first. */
function eventOrTick<T>(next: Promise<T>, clock: WatchClock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    clock.onTick(() => resolve(undefined));
    next.then(resolve, reject);
  });
}

/** A bookmark says that everything up to it has been sent: only when no event is waiting. */
async function* bookmarkWhenCaughtUp(
  { registry, kind }: WatchRequest,
  next: Promise<unknown>,
  render: RenderObject,
): AsyncGenerator<string> {
  const revision = registry.revision;
  const waiting = await Promise.race([next.then(() => true), setImmediate(false)]);
  if (!waiting) yield bookmark(kind, revision, render);
}

function bookmark(
  kind: KindDefinition,
  revision: number,
  render: RenderObject,
  annotations?: { readonly [name: string]: string },
): string {
  const metadata = { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) };
  const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
  return `{"type":"BOOKMARK","object":${render({ object, json: JSON.stringify(object) })}}\n`;
}

/** Tables carry their column definitions in the first event only. */
function makeRenderer({ kind, call, representation }: WatchRequest): RenderObject {
  if (representation.as !== 'Table') return (entry) => representObject(representation, kind, entry, call);
  const include = includedObject(call.query);
  let headers = true;
  return (entry) => {
    const metadata = { resourceVersion: entry.object.metadata?.resourceVersion };
    const text = tableText({ kind, entries: [entry], metadata, include, headers });
    headers = false;
    return text;
  };
}
