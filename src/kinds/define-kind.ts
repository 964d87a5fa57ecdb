import type { KubernetesObject } from '../machinery/object.ts';
import type { Column } from '../machinery/table.ts';
import { createdAtColumn, nameColumn } from './columns.ts';
import type { KindDefinition, Subresource, WriteContext } from './definition.ts';
import { normalizeObject } from './normalize.ts';
import { statusSubresource } from './subresources.ts';

type Optional<T extends KubernetesObject> = Partial<
  Pick<
    KindDefinition<T>,
    | 'group'
    | 'version'
    | 'plural'
    | 'singular'
    | 'shortNames'
    | 'categories'
    | 'namespaced'
    | 'verbs'
    | 'virtual'
    | 'view'
    | 'listKind'
    | 'schema'
    | 'custom'
    | 'requiresVersion'
    | 'createsOnUpdate'
    | 'ratchets'
    | 'freeFinalizers'
    | 'subresources'
    | 'columns'
    | 'rowConditions'
    | 'tracksGeneration'
    | 'selectableFields'
    | 'nameRule'
    | 'prepareForCreate'
    | 'prepareForUpdate'
    | 'validate'
    | 'validateUpdate'
    | 'validateThrough'
    | 'warnings'
    | 'deletionGraceSeconds'
    | 'shown'
    | 'support'
  >
>;

/** What a kind's file says; everything else follows from convention. */
export interface KindOptions<T extends KubernetesObject> extends Optional<T> {
  readonly kind: string;
  /** Whether there is a status that only its subresource writes. */
  readonly hasStatus?: boolean;
  /** Upstream's defaults.go; schema defaults and canonical quantities come by themselves. */
  readonly defaults?: (object: T) => T;
}

/** The verbs of an ordinary kind. */
const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

function withoutStatus<T extends KubernetesObject>(object: T): T {
  if (!('status' in object)) return object;
  const { status: _, ...rest } = object;
  return rest as unknown as T;
}

/** The new object with the old one's status. */
function withStatusOf<T extends KubernetesObject>(object: T, old: T): T {
  const status = (old as { readonly status?: unknown }).status;
  return status === undefined ? withoutStatus(object) : { ...object, status };
}

/** `io.k8s.api.<package>.<version>.<Kind>`. */
function schemaKey(group: string, version: string, kind: string): string {
  const [first = ''] = group.split('.');
  return `io.k8s.api.${first === '' ? 'core' : first}.${version}.${kind}`;
}

function prepare<T extends KubernetesObject>(options: KindOptions<T>) {
  const { prepareForCreate: create, prepareForUpdate: update, hasStatus = false } = options;
  return {
    prepareForCreate: (object: T, context: WriteContext): T => {
      const clean = hasStatus ? withoutStatus(object) : object;
      return create ? create(clean, context) : clean;
    },
    prepareForUpdate: (object: T, old: T, context: WriteContext): T => {
      const kept = hasStatus ? withStatusOf(object, old) : object;
      return update ? update(kept, old, context) : kept;
    },
  };
}

function subresourcesOf<T extends KubernetesObject>(options: KindOptions<T>): readonly Subresource[] {
  return [...(options.hasStatus ? [statusSubresource] : []), ...(options.subresources ?? [])];
}

function conventions(kind: string, group: string, version: string) {
  const singular = kind.toLowerCase();
  const columns: readonly Column[] = [nameColumn, createdAtColumn];
  return {
    plural: `${singular}s`,
    singular,
    shortNames: [],
    categories: [],
    namespaced: true,
    verbs: allVerbs,
    schema: schemaKey(group, version, kind),
    columns,
    tracksGeneration: false,
    selectableFields: {},
    nameRule: 'dns-subdomain',
    validate: () => [],
    validateUpdate: () => [],
    warnings: () => [],
    deletionGraceSeconds: () => undefined,
    support: { level: 'stored', note: 'Stored and served; nothing acts on it yet.' },
  } as const;
}

/**
 * A kind's definition from what is particular about it. The object type is erased in the result:
 * shared code treats all kinds alike, and hands each definition only objects of its own kind.
 */
export function defineKind<T extends KubernetesObject>(options: KindOptions<T>): KindDefinition {
  const { group = '', version = 'v1', kind, defaults = (object: T) => object } = options;
  const { hasStatus: _, defaults: __, ...given } = options;
  const base = conventions(kind, group, version);
  const schema = options.schema ?? base.schema;
  const definition: KindDefinition<T> = {
    ...base,
    ...given,
    group,
    version,
    schema,
    subresources: subresourcesOf(options),
    ...prepare(options),
    applyDefaults: (object) => defaults(normalizeObject(schema, object)),
  };
  return definition as unknown as KindDefinition;
}
