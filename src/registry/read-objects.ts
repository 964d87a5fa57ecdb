import type { KindDefinition } from '../kinds/definition.ts';
import type { ObjectKey } from '../machinery/object.ts';
import { notFound } from '../machinery/status-error.ts';
import { RevisionCompactedError, type StoreEntry } from '../store/store.ts';
import { keyFor, type RegistryContext, subjectOf } from './context.ts';
import { encodeContinue } from './continue-token.ts';
import { continueTooOld, type ListVersion, listTooOld, listVersion } from './list-version.ts';
import type { ListOptions, ListPage } from './registry.ts';
import { type CompiledSelection, compileSelection } from './selection.ts';

/** The entry of an object. Throws NotFound. */
export function requireEntry(context: RegistryContext, kind: KindDefinition, key: ObjectKey): StoreEntry {
  const entry = context.store.get(keyFor(kind, key));
  if (entry === undefined) throw notFound(subjectOf(kind, key.name));
  return entry;
}

function entriesAt(context: RegistryContext, prefix: string, { revision, start }: ListVersion): readonly StoreEntry[] {
  if (revision === undefined) return context.store.list(prefix);
  try {
    return context.store.listAt(prefix, revision);
  } catch (error) {
    if (!(error instanceof RevisionCompactedError)) throw error;
    throw start === '' ? listTooOld() : continueTooOld(start);
  }
}

function selected(entries: readonly StoreEntry[], selection: CompiledSelection, start: string): readonly StoreEntry[] {
  if (selection.selectsAll && start === '') return entries;
  return entries.filter((entry) => entry.key > start && selection.matches(entry.object));
}

/** A page of objects in key order. Throws StatusError. */
export function listObjects(context: RegistryContext, kind: KindDefinition, options: ListOptions): ListPage {
  const selection = compileSelection(kind, options);
  const version = listVersion(context, options);
  const revision = version.revision ?? context.store.revision;
  const found = selected(entriesAt(context, selection.prefix, version), selection, version.start);
  const resourceVersion = String(revision);
  const limit = options.limit ?? 0;
  const last = found[limit - 1];
  if (limit <= 0 || found.length <= limit || last === undefined) return { entries: found, resourceVersion };
  return {
    entries: found.slice(0, limit),
    resourceVersion,
    continue: encodeContinue({ rv: revision, start: last.key }),
    ...(selection.selectsAll ? { remainingItemCount: found.length - limit } : {}),
  };
}
