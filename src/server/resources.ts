import type { KindDefinition } from '../kinds/definition.ts';
import { negotiate } from './accept.ts';
import type { Answer, Call, Handler } from './call.ts';
import { unknownPath, wrongMethod } from './errors.ts';
import type { ResourceInfo } from './request-info.ts';
import type { Services, Target } from './services.ts';
import { handleSubresource } from './subresources/dispatch.ts';
import { handleCreate } from './verbs/create.ts';
import { handleCreateVirtual } from './verbs/create-virtual.ts';
import { handleDelete } from './verbs/delete.ts';
import { handleDeleteCollection } from './verbs/delete-collection.ts';
import { handleGet } from './verbs/get.ts';
import { handleList } from './verbs/list.ts';
import { handlePatch } from './verbs/patch.ts';
import { handleGetReading, handleListReading } from './verbs/reading.ts';
import { handleUpdate } from './verbs/update.ts';
import { handleWatch } from './verbs/watch.ts';

type VerbHandler = (services: Services, target: Target, call: Call) => Answer | Promise<Answer>;

const VERBS: { readonly [verb: string]: VerbHandler } = {
  get: handleGet,
  list: handleList,
  watch: handleWatch,
  create: handleCreate,
  update: handleUpdate,
  patch: handlePatch,
  delete: handleDelete,
  deletecollection: handleDeleteCollection,
};

/** Verbs of kinds that are answered and not stored. */
const VIRTUAL_VERBS: { readonly [verb: string]: VerbHandler } = {
  create: handleCreateVirtual,
  get: handleGetReading,
  list: handleListReading,
};

/** Verbs that an all-namespaces path of a namespaced kind has. */
const ACROSS_NAMESPACES = new Set(['list', 'watch']);
/** Verbs that work on a collection's path. */
const ON_COLLECTION = new Set(['list', 'watch', 'create', 'deletecollection']);

/** Answers requests about resources: finds the kind in the catalogue and hands over to the verb. */
export function makeResourceHandler(services: Services): Handler {
  return (call) => {
    const { resource, verb } = call.info;
    if (resource === undefined) throw unknownPath();
    const target = resolveTarget(services, resource);
    if (target.subresource !== '') return handleSubresource(services, target, call);
    if (call.method === 'HEAD') throw wrongMethod();
    negotiate(call.headers.accept);
    if (!allows(target, verb)) throw wrongMethod();
    const handle = target.kind.virtual ? VIRTUAL_VERBS[verb] : VERBS[verb];
    if (handle === undefined) throw wrongMethod();
    return handle(services, target, call);
  };
}

/** Throws 404 when the catalogue has no such resource or it isn't found at such a path. */
function resolveTarget({ registry }: Services, info: ResourceInfo): Target {
  const kind = registry.definition(info.group, info.resource, info.version);
  if (kind === undefined) throw unknownPath();
  // A namespace's own path puts its name in both places, as upstream's RequestInfo does.
  const ownNamespace = !kind.namespaced && info.namespace === info.name;
  if (!kind.namespaced && info.namespace !== '' && !ownNamespace) throw unknownPath();
  if (kind.namespaced && info.namespace === '' && info.name !== '') throw unknownPath();
  const namespace = kind.namespaced ? info.namespace : '';
  return { kind, key: { namespace, name: info.name }, subresource: info.subresource };
}

function allows({ kind, key }: Target, verb: string): boolean {
  if (!kind.verbs.includes(verb)) return false;
  if (key.name === '') return ON_COLLECTION.has(verb) && (hasPlace(kind, key.namespace) || ACROSS_NAMESPACES.has(verb));
  return !ON_COLLECTION.has(verb) || verb === 'watch';
}

function hasPlace(kind: KindDefinition, namespace: string): boolean {
  return !kind.namespaced || namespace !== '';
}
