import type { KindDefinition } from '../../kinds/definition.ts';
import { apiVersionOf } from '../../machinery/object.ts';
import { type Descriptions, describeSchema } from './descriptions.ts';

/** Schemas by their OpenAPI v3 name. */
export type SchemaSource = { readonly [name: string]: object };

const REF = '#/components/schemas/';

/** What a document is made with beside its kinds. */
export interface DocumentParts {
  readonly schemas: SchemaSource;
  readonly descriptions: Descriptions;
  readonly version: string;
}

/** The OpenAPI v3 document of one group and version: paths of its kinds, and every schema they reach. */
export function buildDocument(kinds: readonly KindDefinition[], parts: DocumentParts): object {
  const { schemas, descriptions, version } = parts;
  const roots = kinds.flatMap((kind) => [kind.schema, `${kind.schema}List`]);
  const bodies = kinds.flatMap((kind) =>
    kind.subresources.flatMap((subresource) => subresourceSchema(subresource) ?? []),
  );
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(kinds.flatMap(pathsOf)),
    components: { schemas: closure([...roots, ...bodies], schemas, descriptions) },
  };
}

/** Name of the schema of a subresource's bodies; undefined where they are of the parent's own type. */
export function subresourceSchema({ kind }: KindDefinition['subresources'][number]): string | undefined {
  if (kind === undefined) return undefined;
  const packageName = kind.group === '' ? 'core' : (kind.group.split('.')[0] ?? '');
  return `io.k8s.api.${packageName}.${kind.version}.${kind.kind}`;
}

type Path = readonly [string, object];

function pathsOf(kind: KindDefinition): readonly Path[] {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`;
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`;
  const own = { group: kind.group, version: kind.version, kind: kind.kind };
  const across: readonly Path[] = kind.namespaced
    ? [[`${root}/${kind.plural}`, operations(own, kind.schema, ['list'], kind.verbs)]]
    : [];
  const subresources = kind.subresources.map((subresource): Path => {
    const gvk = subresource.kind ?? own;
    const schema = subresourceSchema(subresource) ?? kind.schema;
    const item = operations(gvk, schema, ['get', 'create', 'update', 'patch'], subresource.verbs);
    return [`${collection}/{name}/${subresource.name}`, item];
  });
  return [
    ...across,
    [collection, operations(own, kind.schema, ['list', 'create', 'deletecollection'], kind.verbs)],
    [`${collection}/{name}`, operations(own, kind.schema, ['get', 'update', 'patch', 'delete'], kind.verbs)],
    ...subresources,
  ];
}

const METHODS: { readonly [verb: string]: string } = {
  get: 'get',
  list: 'get',
  create: 'post',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

const WRITES = new Set(['create', 'update', 'patch']);

type Gvk = { readonly group: string; readonly version: string; readonly kind: string };

function operations(gvk: Gvk, schema: string, wanted: readonly string[], offered: readonly string[]): object {
  const verbs = wanted.filter((verb) => offered.includes(verb));
  return Object.fromEntries(verbs.map((verb) => [METHODS[verb], operation(gvk, schema, verb)]));
}

function operation(gvk: Gvk, schema: string, verb: string): object {
  const media = { 'application/json': { schema: { $ref: `${REF}${verb === 'list' ? `${schema}List` : schema}` } } };
  return {
    responses: { 200: { description: 'OK', content: media } },
    ...(WRITES.has(verb) ? { parameters: WRITE_PARAMETERS, requestBody: { content: media } } : {}),
    'x-kubernetes-action': verb === 'create' ? 'post' : verb === 'update' ? 'put' : verb,
    'x-kubernetes-group-version-kind': { group: gvk.group, version: gvk.version, kind: gvk.kind },
  };
}

/** kubectl looks here for whether the server validates fields itself. */
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}));

/** The schemas of these names and of everything they refer to. */
function closure(roots: readonly string[], schemas: SchemaSource, descriptions: Descriptions): SchemaSource {
  const found = new Map<string, object>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (schema === undefined || found.has(name)) continue;
    found.set(name, describeSchema(published(schema), descriptions[name]));
    collectReferences(schema, waiting);
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A schema without what only the house's own decoder wants to know. */
function published(schema: object): object {
  const { 'x-omit-zero': _, ...rest } = schema as { readonly 'x-omit-zero'?: unknown };
  return rest;
}

function collectReferences(value: unknown, into: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string') into.push(inner.slice(REF.length));
    else collectReferences(inner, into);
  }
}
