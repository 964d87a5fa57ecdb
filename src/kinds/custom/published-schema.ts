import type { GroupVersionKind } from '../../machinery/object.ts';
import { OBJECT_META } from '../../machinery/schema/schema.ts';
import type { StructuralSchema } from '../../machinery/structural/schema.ts';
import type { CustomSchema } from '../definition.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
const ref = (name: string): { readonly $ref: string } => ({ $ref: `#/components/schemas/${name}` });

/** What names the type of an object, in any kind. */
export const TYPE_FIELDS = {
  apiVersion: {
    type: 'string',
    description: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${CONVENTIONS}#resources`,
  },
  kind: {
    type: 'string',
    description: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${CONVENTIONS}#types-kinds`,
  },
} as const;

const METADATA = { ...ref(OBJECT_META), description: `Standard object's metadata. More info: ${CONVENTIONS}#metadata` };
const LIST_METADATA = {
  ...ref(`${META}.ListMeta`),
  description: `Standard list metadata. More info: ${CONVENTIONS}#types-kinds`,
};

const EMBEDDED = {
  apiVersion: {
    type: 'string',
    description: `apiVersion defines the versioned schema of this representation of an object. More info: ${CONVENTIONS}#resources`,
  },
  kind: {
    type: 'string',
    description: `kind is a string value representing the type of this object. In CamelCase. More info: ${CONVENTIONS}#types-kinds`,
  },
  metadata: METADATA,
} as const;

/** Key of a custom type in the published schemas: the group backwards, then version and kind. */
export function customSchemaName({ group, version, kind }: GroupVersionKind): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

function withoutType({ apiVersion: _, kind: __, metadata: ___, ...rest }: StructuralSchema['properties'] & object) {
  return rest;
}

/** A schema as it is published: embedded resources have the fields of all resources. */
function published(schema: StructuralSchema): StructuralSchema {
  const { properties, items, additionalProperties: values, required } = schema;
  const members = properties && Object.entries(properties).map(([name, each]) => [name, published(each)] as const);
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  return {
    ...schema,
    ...(members || embedded
      ? { properties: { ...Object.fromEntries(members ?? []), ...(embedded ? EMBEDDED : {}) } }
      : {}),
    ...(items ? { items: published(items) } : {}),
    ...(typeof values === 'object' ? { additionalProperties: published(values) } : {}),
    ...(embedded ? { required: [...new Set([...(required ?? []), 'kind', 'apiVersion'])] } : {}),
  };
}

/** What of a custom kind its published schemas tell. */
export interface PublishedKind extends GroupVersionKind {
  readonly listKind: string;
  readonly plural: string;
  readonly selectableFields: readonly string[];
}

/** The schemas of a custom kind and its list, as OpenAPI has them. */
export function publishedSchemas(schema: StructuralSchema, kind: PublishedKind): CustomSchema['schemas'] {
  const { group, version, listKind, plural, selectableFields } = kind;
  const name = customSchemaName(kind);
  const fields = selectableFields.map((fieldPath) => ({ fieldPath }));
  const selectable = fields.length === 0 ? {} : { 'x-kubernetes-selectable-fields': fields };
  const own = published(schema);
  return {
    [name]: {
      ...own,
      properties: { ...TYPE_FIELDS, metadata: METADATA, ...withoutType(own.properties ?? {}) },
      'x-kubernetes-group-version-kind': [{ group, version, kind: kind.kind }],
      ...selectable,
    },
    [`${name}List`]: {
      type: 'object',
      description: `${listKind} is a list of ${kind.kind}`,
      required: ['items'],
      properties: {
        ...TYPE_FIELDS,
        items: { type: 'array', items: ref(name), description: `List of ${plural}. More info: ${CONVENTIONS}` },
        metadata: LIST_METADATA,
      },
      'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
      ...selectable,
    },
  };
}
