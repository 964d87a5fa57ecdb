import type { AdmissionLookup, AdmissionPlugin } from '../admission/plugin.ts';
import type { WebhookServices } from '../admission/webhooks/call-webhook.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { Catalogue } from '../kinds/live-catalogue.ts';
import type { RandomBelow } from '../machinery/generate-name.ts';
import type { ObjectKey } from '../machinery/object.ts';
import type { SchemaSource } from '../machinery/schema/schema.ts';
import type { ErrorSubject } from '../machinery/status-error.ts';
import { formatTime } from '../machinery/time.ts';
import type { Store, StoreWrite, WriteResult } from '../store/store.ts';
import { storeKey } from '../store/store-key.ts';

/** What a registry is made of. */
export interface RegistryOptions {
  readonly store: Store;
  /** The kinds that are served; a list of them for ever, or a catalogue in which they come and go. */
  readonly catalogue: readonly KindDefinition[] | Catalogue;
  /** Schemas of the house's own kinds, by `KindDefinition.schema`. */
  readonly schema: SchemaSource;
  /** Plug-ins in the order in which they run. */
  readonly admission: readonly AdmissionPlugin[];
  /** Wall clock in milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: RandomBelow;
  /** Makes `metadata.uid`; random UUIDs unless given. */
  readonly uid?: () => string;
  /** What conversion webhooks are reached by; without it they can't be. */
  readonly webhooks?: Omit<WebhookServices, 'lookup'>;
  /** Hears of what plug-ins note for those who audit. */
  readonly audit?: (key: string, value: string) => void;
  /** Hears of failures that clients see as a 500. */
  readonly log?: (message: string, error: unknown) => void;
}

/** The options with everything filled in, and look-ups for plug-ins. */
export interface RegistryContext extends Required<Omit<RegistryOptions, 'webhooks'>> {
  readonly lookup: AdmissionLookup;
}

/** Where a kind's schema is found: custom kinds bring their own. */
export function schemaOf(context: RegistryContext, kind: KindDefinition): SchemaSource {
  return kind.custom?.source ?? context.schema;
}

/** The present as objects carry it. */
export function now(context: RegistryContext): string {
  return formatTime(context.clock());
}

/** The store's key of an object. */
export function keyFor(kind: KindDefinition, key: ObjectKey): string {
  return storeKey({
    group: kind.group,
    plural: kind.plural,
    namespace: kind.namespaced ? key.namespace : '',
    name: key.name,
  });
}

/** The subject of most errors: the plural resource. */
export function subjectOf(kind: KindDefinition, name: string): ErrorSubject {
  return { group: kind.group, resource: kind.plural, name };
}

/** The subject of Invalid errors: the kind. */
export function kindSubjectOf(kind: KindDefinition, name: string): ErrorSubject {
  return { group: kind.group, resource: kind.kind, name };
}

/** Hands a write to the store. */
export function commit(context: RegistryContext, write: StoreWrite): Promise<WriteResult> {
  return context.store.write(write);
}
