import type { buildDocument } from './document.ts';

type Json = { readonly [key: string]: unknown };

/** A Swagger 2.0 document; what of it is walked, as types. */
export interface Swagger {
  readonly swagger: '2.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: { readonly [path: string]: Json };
  readonly definitions: { readonly [name: string]: Json };
}

interface Document {
  readonly info: Swagger['info'];
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: { readonly schemas: { readonly [name: string]: Json } };
}

type Media = { readonly 'application/json': { readonly schema: { readonly $ref: string } } };

interface Operation {
  readonly responses: { readonly 200: { readonly content: Media } };
  readonly requestBody?: { readonly content: Media };
  readonly parameters?: readonly { readonly name: string }[];
  readonly 'x-kubernetes-action': string;
  readonly 'x-kubernetes-group-version-kind': {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  };
}

/** The same API in Swagger 2.0, made of an OpenAPI v3 document as `buildDocument` makes it. */
export function swaggerOf(document: ReturnType<typeof buildDocument>): Swagger {
  const { info, paths, components } = document as Document;
  return {
    swagger: '2.0',
    info,
    paths: mapValues(paths, (item, path) => {
      const kind = kindOf(paths[path.replace(/(\{name\})\/.*$/, '$1')] ?? item);
      return {
        ...mapValues(item, (operation) => swaggerOperation(operation, operationId(operation, path, kind))),
        ...pathParameters(path),
      };
    }),
    definitions: mapValues(components.schemas, swaggerSchema),
  };
}

function kindOf(item: Document['paths'][string]): string {
  return Object.values(item)[0]?.['x-kubernetes-group-version-kind'].kind ?? '';
}

function mapValues<T, U>(
  object: { readonly [key: string]: T },
  change: (value: T, key: string) => U,
): { readonly [key: string]: U } {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

const STRING = { type: 'string', uniqueItems: true };

function pathParameters(path: string): Json {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (names.length === 0) return {};
  return { parameters: names.map((name) => ({ name, in: 'path', required: true, ...STRING })) };
}

const MEDIA = ['application/json', 'application/yaml'];
const PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

function swaggerOperation(operation: Operation, operationId: string): Json {
  const { responses, requestBody, parameters = [], ...extensions } = operation;
  const action = extensions['x-kubernetes-action'];
  const body = requestBody && {
    name: 'body',
    in: 'body',
    required: true,
    schema: action === 'patch' ? { type: 'object' } : swaggerReference(requestBody.content),
  };
  return {
    operationId,
    consumes: action === 'patch' ? PATCHES : ['*/*'],
    produces: MEDIA,
    schemes: ['https'],
    parameters: [...(body ? [body] : []), ...parameters.map(({ name }) => ({ name, in: 'query', ...STRING }))],
    responses: {
      200: { description: 'OK', schema: swaggerReference(responses[200].content) },
      401: { description: 'Unauthorized' },
    },
    ...extensions,
  };
}

const ACTIONS: { readonly [action: string]: string } = {
  get: 'read',
  post: 'create',
  put: 'replace',
  deletecollection: 'deleteCollection',
};

/** Upstream's name of an operation: `replaceAppsV1NamespacedDeploymentStatus`. */
function operationId(operation: Operation, path: string, kind: string): string {
  const action = operation['x-kubernetes-action'];
  const parts = path.split('/').slice(1);
  const core = parts[0] === 'api';
  const [group, version] = core ? ['core', parts[1]] : [parts[1]?.split('.')[0], parts[2]];
  const namespaced = path.includes('/{namespace}/') ? 'Namespaced' : '';
  const subresource = path.split('/{name}/')[1];
  const words = [group, version, namespaced, kind, subresource].map((word) => capitalized(word ?? ''));
  return `${ACTIONS[action] ?? action}${words.join('')}`;
}

function capitalized(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

function swaggerReference(content: Media): Json {
  return swaggerSchema(content['application/json'].schema);
}

/** What Swagger 2.0 has no word for. */
const DROPPED = new Set(['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'x-kubernetes-validations']);

const UNKNOWN = 'x-kubernetes-preserve-unknown-fields';

/** What clients can't tell in Swagger is left out: they would refuse fields that may be there. */
function withoutUnknown(schema: Json): Json {
  const { type, items, properties, required, ...rest } = schema;
  const free = schema['nullable'] === true || schema[UNKNOWN] === true;
  if (free && schema['x-kubernetes-group-version-kind'] !== undefined) {
    const { [UNKNOWN]: _, additionalProperties: __, ...kept } = rest;
    return { type: 'object', ...kept };
  }
  const typed = free && (type === 'object' || schema['nullable'] === true) ? {} : { type };
  if (free) return { ...(type === 'array' ? {} : typed), ...(required ? { required } : {}), ...rest };
  if (type === 'array' && items === undefined) return rest;
  const nullable = (name: unknown): boolean =>
    ((properties as { readonly [field: string]: Json } | undefined)?.[String(name)]?.['nullable'] ?? false) === true;
  if (!Array.isArray(required) || !required.some(nullable)) return schema;
  return { ...schema, required: required.filter((name) => !nullable(name)) };
}

/** A schema in Swagger's words: no alternatives, references by their place there, numbers or strings as strings. */
function swaggerSchema(schema: Json): Json {
  const { description } = schema;
  const $ref = schema['$ref'] ?? onlyReference(schema);
  if (typeof $ref === 'string') {
    const told = description === undefined ? {} : { description };
    return { ...told, $ref: $ref.replace('#/components/schemas/', '#/definitions/') };
  }
  const kept = Object.entries(withoutUnknown(schema)).filter(([key]) => !DROPPED.has(key));
  const changed = Object.fromEntries(kept.map(([key, value]) => [key, swaggerMember(key, value)]));
  return schema['oneOf'] !== undefined && schema['type'] === undefined ? { ...changed, type: 'string' } : changed;
}

/** Swagger lets descriptions stand beside references. */
function onlyReference({ allOf }: Json): unknown {
  return Array.isArray(allOf) && allOf.length === 1 ? (allOf[0] as Json)['$ref'] : undefined;
}

function swaggerMember(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (key === 'properties') return mapValues(value as { readonly [name: string]: Json }, swaggerSchema);
  if (key === 'items' || key === 'additionalProperties') return swaggerSchema(value as Json);
  return value;
}
