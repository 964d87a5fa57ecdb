import type { KindDefinition } from '../kinds/definition.ts';
import { expired } from '../machinery/status-error.ts';
import { makeEntry } from '../store/log-entry.ts';
import { RevisionCompactedError, type StoreEvent, type StoreWatch } from '../store/store.ts';
import type { RegistryContext } from './context.ts';
import type { Selection } from './registry.ts';
import { type CompiledSelection, compileSelection } from './selection.ts';

/** The last version that was selected, as it leaves the selection with this event. */
function leaving(event: StoreEvent, previous: NonNullable<StoreEvent['previous']>): StoreEvent {
  const { key, createRevision } = event.entry;
  const entry = makeEntry({ key, createRevision, revision: event.revision }, previous.object);
  return { ...event, type: 'DELETED', entry };
}

/** What a watcher of a selection sees of an event: objects enter and leave it. Undefined: nothing. */
export function projectEvent(selection: CompiledSelection, event: StoreEvent): StoreEvent | undefined {
  if (selection.selectsAll) return event;
  const { previous } = event;
  const was = previous !== undefined && selection.matches(previous.object);
  if (event.type === 'DELETED') return was ? event : undefined;
  const is = selection.matches(event.entry.object);
  if (is) return was || event.type === 'ADDED' ? event : { ...event, type: 'ADDED' };
  return was && previous !== undefined ? leaving(event, previous) : undefined;
}

function openWatch(context: RegistryContext, prefix: string, after: number): StoreWatch {
  try {
    return context.store.watch(prefix, after);
  } catch (error) {
    if (!(error instanceof RevisionCompactedError)) throw error;
    throw expired(`too old resource version: ${after} (${error.compactedRevision})`);
  }
}

/** Events after a revision that concern a selection. Throws 410 when the revision is too old. */
export function watchObjects(
  context: RegistryContext,
  { kind, selection }: { readonly kind: KindDefinition; readonly selection: Selection },
  after: number,
): StoreWatch {
  const compiled = compileSelection(kind, selection);
  const source = openWatch(context, compiled.prefix, after);
  if (compiled.selectsAll) return source;
  const events = source[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<StoreEvent>> => {
    for (;;) {
      const result = await events.next();
      if (result.done === true) return result;
      const event = projectEvent(compiled, result.value);
      if (event !== undefined) return { done: false, value: event };
    }
  };
  const finish = async (): Promise<IteratorResult<StoreEvent>> => {
    source.close();
    return { done: true, value: undefined };
  };
  return { close: () => source.close(), [Symbol.asyncIterator]: () => ({ next, return: finish }) };
}
