import type { KindDefinition } from '../kinds/definition.ts';
import { isScalable, type Scale, scaleOf, withReplicas } from '../kinds/scale.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { Registry } from '../registry/registry.ts';

/** Names an object of any kind. */
export interface ScaleReference {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
}

/** An object that can be scaled. */
export interface ScaleTarget {
  readonly kind: KindDefinition;
  readonly object: KubernetesObject;
  readonly scale: Scale;
}

/** The scale subresource of whatever kind has one. */
export interface Scales {
  /** Throws with upstream's message when there is no such kind or object, or it can't be scaled. */
  find(namespace: string, reference: ScaleReference): ScaleTarget;
  set(target: ScaleTarget, replicas: number): Promise<void>;
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** Scales through the registry. */
export function createScales(registry: Registry): Scales {
  return {
    find: (namespace, { apiVersion = '', kind, name }) => {
      const group = groupOf(apiVersion);
      const definition = registry.catalogue.find((one) => one.group === group && one.kind === kind);
      if (definition === undefined) throw new Error(`no matches for kind "${kind}" in group "${group}"`);
      if (!isScalable(definition)) throw new Error('the server could not find the requested resource');
      const { object } = registry.get(definition, { namespace, name });
      return { kind: definition, object, scale: scaleOf(definition, object) };
    },
    set: async ({ kind, object }, replicas) => {
      const { name = '', namespace = '' } = object.metadata ?? {};
      await registry.modify(kind, { namespace, name }, (now) => withReplicas(kind, now, replicas));
    },
  };
}
