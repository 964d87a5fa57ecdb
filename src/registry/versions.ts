import type { WebhookServices } from '../admission/webhooks/call-webhook.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { ObjectKey } from '../machinery/object.ts';
import { internalError } from '../machinery/status-error.ts';
import type { StoreEntry } from '../store/store.ts';
import { keyFor, type RegistryContext } from './context.ts';
import { convertByWebhook } from './convert-objects.ts';
import type { Registry, Selection } from './registry.ts';
import { compileSelection } from './selection.ts';
import { type ConvertObjects, createVersionedStore, NeedsConversion, type VersionedStore } from './versioned-store.ts';

/** The registry's contexts for kinds that have versions of their own. */
export interface Versions {
  /** For reads that can't wait. */
  readonly reading: (kind: KindDefinition) => RegistryContext;
  /** Runs a write, again when something has to be converted first. */
  readonly writing: <T>(kind: KindDefinition, work: (context: RegistryContext) => Promise<T>) => Promise<T>;
  readonly prepare: Registry['prepare'];
}

interface Contexts {
  readonly store: VersionedStore;
  readonly strict: RegistryContext;
  readonly lenient: RegistryContext;
}

const unreachable: ConvertObjects = async () => {
  throw internalError('conversion webhooks cannot be reached');
};

/** Makes them over the context of ordinary kinds. */
export function createVersions(
  context: RegistryContext,
  webhooks: Omit<WebhookServices, 'lookup'> | undefined,
): Versions {
  const known = new WeakMap<KindDefinition, Contexts>();
  const make = (kind: KindDefinition): Contexts | undefined => {
    const storage = kind.custom?.storage;
    if (storage === undefined) return undefined;
    const { webhook } = storage;
    const services = webhooks && { ...webhooks, lookup: context.lookup };
    const convert = webhook && services ? convertByWebhook(services, kind, webhook) : unreachable;
    const store = createVersionedStore(context.store, { kind, storage }, convert);
    return { store, strict: { ...context, store: store.strict }, lenient: { ...context, store: store.lenient } };
  };
  const of = (kind: KindDefinition): Contexts | undefined => {
    const found = known.get(kind) ?? make(kind);
    if (found !== undefined) known.set(kind, found);
    return found;
  };
  return {
    reading: (kind) => of(kind)?.lenient ?? context,
    writing: (kind, work) => retrying(of(kind), context, work),
    prepare: (kind, what) => {
      if (kind.custom?.storage.webhook === undefined) return undefined;
      return of(kind)?.store.prepare(storedEntries(context, kind, what));
    },
  };
}

async function retrying<T>(
  versions: Contexts | undefined,
  context: RegistryContext,
  work: (context: RegistryContext) => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await work(versions?.strict ?? context);
    } catch (error) {
      if (!(error instanceof NeedsConversion)) throw error;
      await versions?.store.prepare(error.entries);
    }
  }
}

function storedEntries(
  { store }: RegistryContext,
  kind: KindDefinition,
  what: { readonly key: ObjectKey } | Selection,
): readonly StoreEntry[] {
  if (!('key' in what)) return store.list(compileSelection(kind, what).prefix);
  const entry = store.get(keyFor(kind, what.key));
  return entry === undefined ? [] : [entry];
}
