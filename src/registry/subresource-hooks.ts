import type { KubernetesObject } from '../machinery/object.ts';

type Fields = { readonly [name: string]: unknown };

/** What a write through a subresource may change. */
export interface SubresourceHook {
  /** The old object with the parts of the incoming one that the subresource owns. */
  readonly merge: (incoming: KubernetesObject, old: KubernetesObject) => KubernetesObject;
  /** Whether the kind's rules for ordinary updates apply; false where the subresource exists to do what they forbid. */
  readonly obeysUpdateRules: boolean;
  /** True where a change of the spec is no new generation: a pod's placement. */
  readonly keepsGeneration?: boolean;
}

function specOf(object: KubernetesObject): Fields {
  return (object as { readonly spec?: Fields }).spec ?? {};
}

function withSpec(object: KubernetesObject, part: Fields): KubernetesObject {
  return { ...object, spec: { ...specOf(object), ...part } } as KubernetesObject;
}

/** Annotations and managers go with any subresource; the rest of the metadata is the main resource's. */
function withAnnotations(old: KubernetesObject, incoming: KubernetesObject): KubernetesObject {
  const { annotations, managedFields } = incoming.metadata ?? {};
  return { ...old, metadata: { ...old.metadata, annotations, managedFields } };
}

function mergeStatus(incoming: KubernetesObject, old: KubernetesObject): KubernetesObject {
  const { status: _, ...rest } = withAnnotations(old, incoming) as KubernetesObject & { readonly status?: unknown };
  const { status } = incoming as { readonly status?: unknown };
  return status === undefined ? rest : ({ ...rest, status } as KubernetesObject);
}

function mergeSpecFields(...names: readonly string[]): SubresourceHook['merge'] {
  return (incoming, old) => {
    const spec = specOf(incoming);
    return withSpec(old, Object.fromEntries(names.map((name) => [name, spec[name]])));
  };
}

interface Sized {
  readonly name: string;
  readonly resources?: unknown;
  readonly resizePolicy?: unknown;
}

/** One with the resources of another; what that one lacks goes. */
function sizedLike<T extends object>({ ...kept }: T, wanted: object, names: readonly string[]): T {
  const from: Fields = { ...wanted };
  const others = Object.entries(kept).filter(([name]) => !names.includes(name));
  const taken = names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]] as const]));
  return Object.fromEntries([...others, ...taken]) as T;
}

/** `dropNonResizeUpdates`: who names other containers gets the list as it came, for validation to refuse it. */
function mergeResources(incoming: KubernetesObject, old: KubernetesObject): KubernetesObject {
  const resized = (field: 'containers' | 'initContainers'): Fields => {
    const wanted = (specOf(incoming)[field] ?? []) as readonly Sized[];
    const present = (specOf(old)[field] ?? []) as readonly Sized[];
    const isSame = wanted.length === present.length && wanted.every(({ name }, at) => name === present[at]?.name);
    if (!isSame) return { [field]: wanted };
    if (present.length === 0) return {};
    return { [field]: present.map((one, at) => sizedLike(one, wanted[at] ?? {}, ['resources', 'resizePolicy'])) };
  };
  const spec = sizedLike(specOf(old), specOf(incoming), ['resources']);
  return { ...old, spec: { ...spec, ...resized('containers'), ...resized('initContainers') } } as KubernetesObject;
}

const free: SubresourceHook = { merge: (incoming) => incoming, obeysUpdateRules: false, keepsGeneration: true };

const hooks: { readonly [name: string]: SubresourceHook } = {
  status: { merge: mergeStatus, obeysUpdateRules: true },
  approval: { merge: mergeStatus, obeysUpdateRules: true },
  ephemeralcontainers: { merge: mergeSpecFields('ephemeralContainers'), obeysUpdateRules: false },
  resize: { merge: mergeResources, obeysUpdateRules: false },
  /** The object with its replicas changed: the server has made it from a Scale. */
  scale: { merge: (incoming) => incoming, obeysUpdateRules: true },
  finalize: { merge: mergeSpecFields('finalizers'), obeysUpdateRules: false },
  /** Reached through handlers and controllers only: they have made the change themselves. */
  binding: free,
};

/** The hook of a subresource whose body is the parent's own kind; undefined when there is none. */
export function findSubresourceHook(name: string): SubresourceHook | undefined {
  return Object.hasOwn(hooks, name) ? hooks[name] : undefined;
}
