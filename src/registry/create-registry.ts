import { randomUUID } from 'node:crypto';
import type { AdmissionLookup } from '../admission/plugin.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { type Catalogue, createCatalogue } from '../kinds/live-catalogue.ts';
import { internalError, StatusError } from '../machinery/status-error.ts';
import type { Store } from '../store/store.ts';
import { storeKey, storePrefix } from '../store/store-key.ts';
import { admitConnection } from './connect-object.ts';
import { keyFor, type RegistryContext, type RegistryOptions } from './context.ts';
import { createObject } from './create-object.ts';
import { deleteCollection, deleteObject } from './delete-object.ts';
import { modifyObject } from './modify-object.ts';
import { createIndexes } from './object-index.ts';
import { patchObject } from './patch-object.ts';
import { listObjects, requireEntry } from './read-objects.ts';
import type { Registry } from './registry.ts';
import { createShownEntries } from './shown-entries.ts';
import { updateObject } from './update-object.ts';
import { createVersions, type Versions } from './versions.ts';
import { withViews } from './view-kinds.ts';
import { watchObjects } from './watch-objects.ts';

function splitResource(resource: string): { readonly group: string; readonly plural: string } {
  const slash = resource.indexOf('/');
  return { group: resource.slice(0, slash), plural: resource.slice(slash + 1) };
}

/** Reads of anything stored, as plug-ins have them. */
export function lookupOf(store: Store): AdmissionLookup {
  return {
    get: (resource, key) => store.get(storeKey({ ...splitResource(resource), ...key }))?.object,
    list: (resource) => store.list(storePrefix(splitResource(resource))).map((entry) => entry.object),
  };
}

/** Whatever isn't a StatusError becomes a 500 whose cause is only logged. */
function toStatusError(context: RegistryContext, error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  context.log('registry failure', error);
  return internalError(error instanceof Error ? error.message : String(error), error);
}

async function writing<T>(
  versions: Versions,
  kind: KindDefinition,
  work: (context: RegistryContext) => Promise<T>,
): Promise<T> {
  const log = versions.reading(kind);
  try {
    return await versions.writing(kind, work);
  } catch (error) {
    throw toStatusError(log, error);
  }
}

function reading<T>(versions: Versions, kind: KindDefinition, work: (context: RegistryContext) => T): T {
  const context = versions.reading(kind);
  try {
    return work(context);
  } catch (error) {
    throw toStatusError(context, error);
  }
}

function catalogueOf(given: readonly KindDefinition[] | Catalogue): Catalogue {
  return 'find' in given && 'definitions' in given ? given : createCatalogue(given);
}

/** Makes the registry over a store. */
export function createRegistry(options: RegistryOptions): Registry {
  const { store } = options;
  const catalogue = catalogueOf(options.catalogue);
  const { uid = randomUUID, log = () => {}, audit = () => {} } = options;
  const context: RegistryContext = { ...options, uid, log, audit, lookup: lookupOf(store) };
  const versions = createVersions(context, options.webhooks);
  const shown = createShownEntries(options.clock);
  const stored: Registry = {
    get catalogue() {
      return catalogue.definitions;
    },
    definition: (group, plural, version) => catalogue.find(group, plural, version),
    subscribeCatalogue: (listener) => catalogue.subscribe(listener),
    prepare: versions.prepare,
    get: (kind, key) => shown.entry(kind, requireEntry(versions.reading(kind), kind, key)),
    find: (kind, key) => versions.reading(kind).store.get(keyFor(kind, key)),
    list: (kind, selection) =>
      reading(versions, kind, (context) => shown.page(kind, listObjects(context, kind, selection))),
    create: (kind, object, how) => writing(versions, kind, (context) => createObject(context, kind, object, how)),
    update: (kind, key, object, how) =>
      writing(versions, kind, (context) => updateObject(context, { kind, key }, object, how)),
    patch: (kind, key, patch, how = {}) =>
      writing(versions, kind, (context) => patchObject(context, { kind, key, patch, options: how })),
    modify: (kind, key, change, how = {}) =>
      writing(versions, kind, (context) => modifyObject(context, { kind, key, change, options: how })),
    delete: (kind, key, how = {}) =>
      writing(versions, kind, (context) => deleteObject(context, { kind, key, options: how })),
    deleteCollection: (kind, selection, how = {}) =>
      writing(versions, kind, (context) => deleteCollection(context, { kind, selection }, how)),
    connect: (kind, key, object, how) =>
      writing(versions, kind, (context) => admitConnection(context, { kind, key }, object, how)),
    watch: (kind, selection, after) =>
      reading(versions, kind, (context) => shown.watch(kind, watchObjects(context, { kind, selection }, after))),
    subscribe: (kind, listener) => store.subscribe(storePrefix(kind), listener),
    index: (kind, valuesOf) => indexes(kind, valuesOf),
    get revision() {
      return store.revision;
    },
  };
  const indexes = createIndexes(stored);
  return withViews(stored, options.schema);
}
