import type { Random } from './random.ts';
import { anyValue, changed, type Definitions, makeValue } from './values.ts';

/** A resource as discovery lists it. */
export interface Resource {
  /** `/api/v1` or `/apis/<group>/<version>`. */
  readonly root: string;
  /** With its subresource: `pods/status`. */
  readonly name: string;
  readonly namespaced: boolean;
  /** Name of the schema of its objects; '' when there is none. */
  readonly schema: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** A good object of the kind, when there is one. */
  readonly example?: object;
}

/** What the server has, as it says itself. */
export interface Surface {
  readonly resources: readonly Resource[];
  readonly definitions: Definitions;
}

/** One request. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
}

const USUAL_METHODS = ['GET', 'POST', 'POST', 'POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'DELETE'];
const METHODS = [...USUAL_METHODS, ...USUAL_METHODS, ...USUAL_METHODS, 'HEAD', 'OPTIONS'];
const NAMES = ['a', 'b', 'web', 'default', 'Wrong', '%00', '..%2f', 'x'.repeat(300), '%F0%9F%92%A5', '%zz', 'a:b'];
const NAMESPACES = ['fuzz', 'fuzz', 'fuzz', 'fuzz', 'fuzz', 'fuzz', 'fuzz', 'default', 'absent', 'Wrong', '%00'];
const PATHS = ['/', '/api', '/apis', '/openapi/v3/api/v1', '/version', '/healthz', '/metrics', '/api//v1', '/readyz/x'];
const TYPES = [
  'application/json',
  'application/json',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json; charset=utf-8',
  'text/plain',
  'garbage',
];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const ACCEPTS = [
  '*/*',
  'application/json',
  'application/yaml',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'text/html',
  ';;;=,,q=x',
];
const PARAMETERS = [
  'watch',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'labelSelector',
  'fieldSelector',
  'sendInitialEvents',
  'allowWatchBookmarks',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'propagationPolicy',
  'gracePeriodSeconds',
  'orphanDependents',
  'pretty',
  'container',
  'tailLines',
  'sinceTime',
  'follow',
  'command',
  'timeout',
];
const ARGUMENTS = [
  '',
  '1',
  '0',
  '-1',
  'true',
  'All',
  'Strict',
  'Orphan',
  'Exact',
  'a=b',
  'a in (b,c)',
  'a in (',
  '!',
  'metadata.name=a',
  '999999999999999999999',
  'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ',
  '\u0000',
  'é',
];

/** Makes a request that nobody would send on purpose. */
export function makeRequest(random: Random, surface: Surface): FuzzRequest {
  const resource = random.pick(surface.resources);
  const method = random.pick(METHODS);
  const path = random.chance(0.03) ? random.pick(PATHS) : pathOf(random, resource, method);
  const type = method === 'PATCH' && random.chance(0.95) ? random.pick(PATCH_TYPES) : random.pick(TYPES);
  const body = method === 'GET' || method === 'HEAD' ? Buffer.alloc(0) : bodyOf(random, resource, type, surface);
  const headers = { accept: random.pick(ACCEPTS), 'content-type': type };
  return { method, path: `${path}?${queryOf(random)}`, headers, body };
}

function pathOf(random: Random, { root, name, namespaced }: Resource, method: string): string {
  const [plural = '', ...subresource] = name.split('/');
  const place = namespaced && random.chance(0.95) ? `${root}/namespaces/${random.pick(NAMESPACES)}` : root;
  const collection = random.chance(0.02) ? `${place}/${random.pick(NAMES)}` : `${place}/${plural}`;
  const toCollection =
    subresource.length === 0 && random.chance(method === 'POST' ? 0.95 : method === 'GET' ? 0.5 : 0.05);
  if (toCollection) return collection;
  return [collection, random.chance(0.9) ? random.pick(NAMES.slice(0, 3)) : random.pick(NAMES), ...subresource].join(
    '/',
  );
}

function queryOf(random: Random): string {
  const query = new URLSearchParams();
  const most = random.chance(0.6) ? 1 : 4;
  for (let count = random.below(most); count > 0; count--)
    query.append(random.pick(PARAMETERS), random.pick(ARGUMENTS));
  // Nothing here waits for long: a watch ends by itself, and what is written can be written again.
  if (query.get('watch') !== null || query.has('sendInitialEvents')) query.set('timeoutSeconds', '1');
  return query.toString();
}

function bodyOf(random: Random, resource: Resource, type: string, surface: Surface): Uint8Array {
  if (random.chance(0.04)) return garbage(random);
  if (random.chance(0.01)) return Buffer.from('[{"a":'.repeat(20_000));
  if (type === 'application/json-patch+json') return Buffer.from(JSON.stringify(jsonPatch(random)));
  const object = random.chance(0.1) ? anyValue(random) : objectOf(random, resource, surface);
  const text = JSON.stringify(object) ?? '';
  return Buffer.from(random.chance(0.03) ? text.slice(0, random.below(text.length + 1)) : text);
}

function garbage(random: Random): Uint8Array {
  return Uint8Array.from({ length: random.below(200) }, () => random.below(256));
}

function objectOf(random: Random, resource: Resource, surface: Surface): object {
  const { example, apiVersion, kind } = resource;
  const value = example !== undefined && random.chance(0.6) ? example : madeOf(random, resource, surface);
  const { metadata, ...rest } = value as { readonly metadata?: object };
  if (random.chance(0.05)) return value;
  const spoilt = random.chance(0.5) ? rest : (changed(random, rest) as object);
  const kept = random.chance(0.9) ? metadata : (changed(random, metadata) as object);
  const name = random.pick(NAMES.slice(0, random.chance(0.9) ? 3 : NAMES.length));
  return { ...spoilt, apiVersion, kind, metadata: { ...kept, name, namespace: undefined } };
}

function madeOf(random: Random, { schema }: Resource, { definitions }: Surface): object {
  const maker = { random, definitions, wrong: random.pick([0, 0, 0.01, 0.1]), share: random.pick([0.1, 0.3, 0.6]) };
  const value = makeValue(maker, definitions[schema] ?? { type: 'object', properties: { spec: {} } });
  return typeof value === 'object' && value !== null ? value : {};
}

const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test', 'nothing'];
const POINTERS = [
  '',
  '/',
  '/spec',
  '/metadata/name',
  '/metadata/labels/a',
  '/spec/containers/-',
  '/spec/0',
  'x',
  '/a~2',
];

function jsonPatch(random: Random): unknown {
  if (random.chance(0.1)) return anyValue(random);
  return Array.from({ length: random.below(4) }, () => ({
    op: random.pick(OPERATIONS),
    path: random.pick(POINTERS),
    ...(random.chance(0.5) ? { value: anyValue(random) } : {}),
    ...(random.chance(0.3) ? { from: random.pick(POINTERS) } : {}),
  }));
}
