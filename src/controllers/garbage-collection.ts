import type { KindDefinition } from '../kinds/definition.ts';
import { hasOwnStorage } from '../kinds/view.ts';
import { apiVersionOf, type KubernetesObject, type OwnerReference } from '../machinery/object.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller, ObjectChange } from './controller.ts';
import { isDeleting, nameOf, namespaceOf, uidOf } from './meta.ts';
import { type Resource, resourceOf } from './resources.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/** How an owner stands when one of its dependents is looked at. */
export type OwnerState = 'present' | 'absent' | 'waiting' | 'unknown';

/** What becomes of an object because of its owners and its own finalizers. */
export type CollectionPlan =
  | { readonly action: 'keep' }
  | { readonly action: 'delete'; readonly propagationPolicy: 'Background' | 'Foreground' }
  /** Drop references to owners that are gone: others still hold the object. */
  | { readonly action: 'unlink'; readonly uids: readonly string[] };

/**
 * Decides over a dependent. `states` has one entry per owner reference. `waiting` is an owner in foreground deletion.
 * An owner of a kind that we don't know keeps its dependents alive. Pure.
 */
export function planCollection(object: KubernetesObject, states: readonly OwnerState[]): CollectionPlan {
  const owners = object.metadata?.ownerReferences ?? [];
  if (owners.length === 0 || isDeleting(object)) return { action: 'keep' };
  const of = (state: OwnerState): readonly OwnerReference[] => owners.filter((_, i) => states[i] === state);
  const [absent, waiting] = [of('absent'), of('waiting')];
  if (absent.length + waiting.length === 0) return { action: 'keep' };
  if (absent.length + waiting.length < owners.length) {
    return { action: 'unlink', uids: [...absent, ...waiting].map((o) => o.uid) };
  }
  return { action: 'delete', propagationPolicy: waiting.length > 0 ? 'Foreground' : 'Background' };
}

interface Located {
  readonly definition: KindDefinition;
  readonly namespace: string;
  readonly name: string;
}

const SEPARATOR = '|';

function keyFor({ definition, namespace, name }: Located): string {
  return [definition.group, definition.plural, namespace, name].join(SEPARATOR);
}

function withoutFinalizer(object: KubernetesObject, finalizer: string): KubernetesObject {
  const finalizers = (object.metadata?.finalizers ?? []).filter((f) => f !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers: finalizers.length > 0 ? finalizers : undefined } };
}

function withoutOwners(object: KubernetesObject, uids: readonly string[]): KubernetesObject {
  const owners = (object.metadata?.ownerReferences ?? []).filter((o) => !uids.includes(o.uid));
  return { ...object, metadata: { ...object.metadata, ownerReferences: owners.length > 0 ? owners : undefined } };
}

/** Whether a kind's objects can be deleted, and aren't another's under a second name. */
function isCollected(definition: KindDefinition): boolean {
  return definition.verbs.includes('delete') && hasOwnStorage(definition);
}

/** Whether an object doesn't hold its owner any more, which it did before. */
function isFreed(owner: OwnerReference, before: KubernetesObject | undefined): boolean {
  const old = before?.metadata?.ownerReferences?.find(({ uid }) => uid === owner.uid);
  return old?.blockOwnerDeletion === true && owner.blockOwnerDeletion !== true;
}

/** The kinds with their access, and the objects that name an owner. */
class Collector {
  readonly #registry: Registry;
  readonly #resources = new Map<string, Resource<KubernetesObject>>();
  readonly #byType = new Map<string, Resource<KubernetesObject>>();
  /** Owner's uid → keys of its dependents. A cache of ownerReferences, rebuilt at start. */
  readonly #dependents = new Map<string, Set<string>>();

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#learn();
    registry.subscribeCatalogue(() => this.#learn());
  }

  /** Reads the catalogue anew. */
  #learn(): void {
    this.#resources.clear();
    this.#byType.clear();
    for (const definition of this.#registry.catalogue.filter(isCollected)) {
      const resource = resourceOf<KubernetesObject>(this.#registry, definition);
      this.#resources.set(`${definition.group}${SEPARATOR}${definition.plural}`, resource);
      this.#byType.set(`${apiVersionOf(definition)}${SEPARATOR}${definition.kind}`, resource);
    }
  }

  /** Remembers who depends on whom; returns the keys that the change concerns. */
  observe(definition: KindDefinition, { type, entry, previous }: ObjectChange): readonly string[] {
    const { object } = entry;
    const key = keyFor({ definition, namespace: namespaceOf(object), name: nameOf(object) });
    for (const owner of previous?.object.metadata?.ownerReferences ?? []) this.#unlink(owner.uid, key);
    const dependents = this.#dependents.get(uidOf(object)) ?? [];
    if (type === 'DELETED') {
      const waiting = (object.metadata?.ownerReferences ?? []).map((o) => this.#ownerKey(object, o));
      return [...dependents, ...waiting.filter((k) => k !== undefined)];
    }
    for (const owner of object.metadata?.ownerReferences ?? []) this.#link(owner.uid, key);
    const freed = (object.metadata?.ownerReferences ?? []).filter((owner) => isFreed(owner, previous?.object));
    const owners = freed.flatMap((owner) => this.#ownerKey(object, owner) ?? []);
    const finalizing = isDeleting(object) && (object.metadata?.finalizers ?? []).length > 0;
    return object.metadata?.ownerReferences || finalizing ? [key, ...owners, ...(finalizing ? dependents : [])] : [];
  }

  #link(uid: string, key: string): void {
    const known = this.#dependents.get(uid) ?? new Set();
    this.#dependents.set(uid, known.add(key));
  }

  #unlink(uid: string, key: string): void {
    const known = this.#dependents.get(uid);
    known?.delete(key);
    if (known?.size === 0) this.#dependents.delete(uid);
  }

  #ownerKey(object: KubernetesObject, owner: OwnerReference): string | undefined {
    const resource = this.#byType.get(`${owner.apiVersion}${SEPARATOR}${owner.kind}`);
    if (resource === undefined) return undefined;
    const namespace = resource.definition.namespaced ? namespaceOf(object) : '';
    return keyFor({ definition: resource.definition, namespace, name: owner.name });
  }

  find(key: string): { resource: Resource<KubernetesObject>; object: KubernetesObject } | undefined {
    const [group, plural, namespace = '', name = ''] = key.split(SEPARATOR);
    const resource = this.#resources.get(`${group}${SEPARATOR}${plural}`);
    const object = resource?.find(namespace, name);
    return resource === undefined || object === undefined ? undefined : { resource, object };
  }

  state(object: KubernetesObject, owner: OwnerReference): OwnerState {
    const key = this.#ownerKey(object, owner);
    if (key === undefined) return 'unknown';
    const found = this.find(key)?.object;
    if (found === undefined || uidOf(found) !== owner.uid) return 'absent';
    return isDeleting(found) && found.metadata?.finalizers?.includes(FOREGROUND) ? 'waiting' : 'present';
  }

  dependentsOf(owner: KubernetesObject): readonly { resource: Resource<KubernetesObject>; object: KubernetesObject }[] {
    return [...(this.#dependents.get(uidOf(owner)) ?? [])].flatMap((key) => {
      const found = this.find(key);
      const linked = found?.object.metadata?.ownerReferences?.some((o) => o.uid === uidOf(owner));
      return found !== undefined && linked ? [found] : [];
    });
  }
}

function blocks(dependent: KubernetesObject, owner: KubernetesObject): boolean {
  const reference = dependent.metadata?.ownerReferences?.find((o) => o.uid === uidOf(owner));
  return reference?.blockOwnerDeletion === true;
}

/** Orphan: let every dependent go. Foreground: let the owner go once no blocking dependent is left. */
async function finalize(
  { resource, object }: { resource: Resource<KubernetesObject>; object: KubernetesObject },
  collector: Collector,
): Promise<void> {
  const finalizers = object.metadata?.finalizers ?? [];
  const dependents = collector.dependentsOf(object);
  if (finalizers.includes(ORPHAN)) {
    for (const d of dependents) await d.resource.modify(d.object, (now) => withoutOwners(now, [uidOf(object)]));
    await resource.modify(object, (now) => withoutFinalizer(now, ORPHAN));
  }
  if (finalizers.includes(FOREGROUND) && !dependents.some((d) => blocks(d.object, object))) {
    await resource.modify(object, (now) => withoutFinalizer(now, FOREGROUND));
  }
}

/** Whether something that depends on the object is being deleted before it: each would wait for the other. */
function isInCircle({ object }: { readonly object: KubernetesObject }, collector: Collector): boolean {
  return collector
    .dependentsOf(object)
    .some(({ object: each }) => isDeleting(each) && each.metadata?.finalizers?.includes(FOREGROUND));
}

function withoutBlocking(object: KubernetesObject): KubernetesObject {
  const ownerReferences = object.metadata?.ownerReferences?.map((o) => ({ ...o, blockOwnerDeletion: false }));
  return { ...object, metadata: { ...object.metadata, ownerReferences } };
}

async function reconcile(key: string, collector: Collector): Promise<undefined> {
  const found = collector.find(key);
  if (found === undefined) return undefined;
  const { resource, object } = found;
  if (isDeleting(object)) {
    await finalize(found, collector);
    return undefined;
  }
  const owners = object.metadata?.ownerReferences ?? [];
  const plan = planCollection(
    object,
    owners.map((o) => collector.state(object, o)),
  );
  if (plan.action === 'delete' && isInCircle(found, collector)) {
    await resource.modify(object, withoutBlocking);
  }
  if (plan.action === 'delete') await resource.delete(object, { propagationPolicy: plan.propagationPolicy });
  if (plan.action === 'unlink') await resource.modify(object, (now) => withoutOwners(now, plan.uids));
  return undefined;
}

/** Deletes what lost its owners: in the background, in the foreground, or not at all when orphaned. */
export function garbageCollection({ registry }: { readonly registry: Registry }): Controller {
  const collector = new Collector(registry);
  return {
    name: 'garbage-collection',
    concurrency: 8,
    inputs: [],
    everyKind: (definition) =>
      isCollected(definition) ? (change: ObjectChange) => collector.observe(definition, change) : undefined,
    outputs: [
      { what: 'objects without owners', mode: 'exclusive' },
      { what: 'finalizers foregroundDeletion and orphan', mode: 'exclusive' },
    ],
    reconcile: (key) => reconcile(key, collector),
  };
}
