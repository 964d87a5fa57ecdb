import type { KindDefinition } from '../kinds/definition.ts';
import { isView, toStored, type ViewKind } from '../kinds/view.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { SchemaSource } from '../machinery/schema/schema.ts';
import { invalid, warning } from '../machinery/status-error.ts';
import { decodeObject } from './decode-object.ts';
import { createIndexes } from './object-index.ts';
import type { Registry, WriteOptions } from './registry.ts';
import { createViewedEntries, type ViewedEntries } from './viewed-entries.ts';
import { restating } from './viewed-errors.ts';
import { storedPatch, storedSelection } from './viewed-requests.ts';

interface Views {
  readonly registry: Registry;
  readonly schema: SchemaSource;
  readonly entries: ViewedEntries;
}

/** A body of the view in its stored form, after it was read by the view's own schema. */
function readBody({ schema }: Views, kind: ViewKind, body: unknown, options: WriteOptions) {
  const { object, warnings } = decodeObject(kind, body, { ...options, schema });
  return { object, stored: toStored(kind, object), warnings };
}

/** The options of a write whose body was read: what its text had to say has been said. */
function decodedAlready<O extends WriteOptions>({ duplicates: _, ...options }: O): Omit<O, 'duplicates'> {
  return options;
}

async function create(views: Views, kind: ViewKind, ...[, body, options = {}]: Parameters<Registry['create']>) {
  const { object, stored, warnings } = readBody(views, kind, body, options);
  const errors = kind.validate(object);
  const { group, kind: resource } = kind;
  if (errors.length > 0) throw invalid({ group, resource, name: object.metadata?.name ?? '' }, errors);
  const outcome = await warning(warnings, () =>
    views.registry.create(kind.view.of, stored, { ...decodedAlready(options), requested: kind }),
  );
  return { ...outcome, entry: views.entries.entry(kind, outcome.entry), warnings: [...warnings, ...outcome.warnings] };
}

async function update(views: Views, kind: ViewKind, ...[, key, body, options = {}]: Parameters<Registry['update']>) {
  const { stored, warnings } = readBody(views, kind, body, options);
  const outcome = await warning(warnings, () =>
    views.registry.update(kind.view.of, key, stored, { ...decodedAlready(options), requested: kind }),
  );
  return { ...outcome, entry: views.entries.entry(kind, outcome.entry), warnings: [...warnings, ...outcome.warnings] };
}

/** A change of the view's objects as one of what is stored. */
function changeViewed<T extends KubernetesObject>(
  entries: ViewedEntries,
  kind: ViewKind,
  change: (object: T) => T | undefined,
) {
  return (object: KubernetesObject): KubernetesObject | undefined => {
    const changed = change(entries.object(kind, object) as T);
    return changed && toStored<KubernetesObject>(kind, changed);
  };
}

/** Reads and writes of one view, each through the kind that is stored. */
function viewRegistry(views: Views, kind: ViewKind): Registry {
  const { registry, entries } = views;
  const { of } = kind.view;
  const entry = (found: Parameters<ViewedEntries['entry']>[1]) => entries.entry(kind, found);
  const viewed: Registry = {
    ...registry,
    get catalogue() {
      return registry.catalogue;
    },
    get revision() {
      return registry.revision;
    },
    prepare: () => undefined,
    get: (_, key) => entry(registry.get(of, key)),
    find: (_, key) => {
      const found = registry.find(of, key);
      return found && entry(found);
    },
    list: (_, options) => entries.page(kind, registry.list(of, storedSelection(kind, options))),
    create: (...call) => create(views, kind, ...call),
    update: (...call) => update(views, kind, ...call),
    patch: async (_, key, patch, options) => {
      const outcome = await registry.patch(of, key, storedPatch(kind, patch), { ...options, requested: kind });
      return { ...outcome, entry: entry(outcome.entry) };
    },
    modify: async (_, key, change, options) => {
      const found = await registry.modify(of, key, changeViewed(entries, kind, change), options);
      return found && entry(found);
    },
    delete: async (_, key, options) => {
      const outcome = await registry.delete(of, key, { ...options, requested: kind });
      return { ...outcome, entry: entry(outcome.entry) };
    },
    deleteCollection: async (_, selection, options) =>
      entries.page(
        kind,
        await registry.deleteCollection(of, storedSelection(kind, selection), { ...options, requested: kind }),
      ),
    connect: (_, key, object, options) => registry.connect(of, key, object, { ...options, requested: kind }),
    watch: (_, selection, after) => entries.watch(kind, registry.watch(of, storedSelection(kind, selection), after)),
    subscribe: (_, listener) =>
      registry.subscribe(of, (events) => listener(events.map((event) => entries.event(kind, event)))),
    index: (_, valuesOf) => indexes(kind, valuesOf),
  };
  const indexes = createIndexes(viewed);
  return viewed;
}

/** A registry that also serves the catalogue's views, as if they were stored. */
export function withViews(registry: Registry, schema: SchemaSource): Registry {
  const views = { registry, schema, entries: createViewedEntries() };
  const made = new WeakMap<KindDefinition, Registry>();
  const of = (kind: KindDefinition): Registry => {
    if (!isView(kind)) return registry;
    const known = made.get(kind) ?? restating(kind, viewRegistry(views, kind));
    made.set(kind, known);
    return known;
  };
  return {
    ...registry,
    get catalogue() {
      return registry.catalogue;
    },
    get revision() {
      return registry.revision;
    },
    prepare: (kind, ...rest) => of(kind).prepare(kind, ...rest),
    get: (kind, ...rest) => of(kind).get(kind, ...rest),
    find: (kind, ...rest) => of(kind).find(kind, ...rest),
    list: (kind, ...rest) => of(kind).list(kind, ...rest),
    create: (kind, ...rest) => of(kind).create(kind, ...rest),
    update: (kind, ...rest) => of(kind).update(kind, ...rest),
    patch: (kind, ...rest) => of(kind).patch(kind, ...rest),
    modify: (kind, ...rest) => of(kind).modify(kind, ...rest),
    delete: (kind, ...rest) => of(kind).delete(kind, ...rest),
    deleteCollection: (kind, ...rest) => of(kind).deleteCollection(kind, ...rest),
    connect: (kind, ...rest) => of(kind).connect(kind, ...rest),
    watch: (kind, ...rest) => of(kind).watch(kind, ...rest),
    subscribe: (kind, ...rest) => of(kind).subscribe(kind, ...rest),
    index: (kind, valuesOf) => of(kind).index(kind, valuesOf),
  };
}
