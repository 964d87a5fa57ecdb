import type { KindDefinition } from '../kinds/definition.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { Registry } from '../registry/registry.ts';
import { apiServiceFor } from './built-in/api-services.ts';
import type { BuiltIn } from './built-in/built-in.ts';
import { flowControlObjects } from './built-in/flow-control.ts';
import { ingressClasses } from './built-in/ingress-classes.ts';
import { priorityClasses } from './built-in/priority-classes.ts';
import { serviceCidrs } from './built-in/service-cidrs.ts';
import { storageClasses } from './built-in/storage-classes.ts';
import type { Controller } from './controller.ts';
import { nameOf } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';

/** What is known of this installation. */
export interface BuiltInOptions {
  readonly registry: Registry;
  /** Ranges of ClusterIPs. */
  readonly serviceCidrs: readonly string[];
  /** RFC 3339, whole seconds. */
  readonly now: () => string;
}

/** Each group and version of the house's own kinds, once. */
function served(catalogue: readonly KindDefinition[]): readonly BuiltIn[] {
  const own = catalogue.filter(({ custom }) => custom === undefined);
  const versions = new Map(own.map(({ group, version }) => [`${version}.${group}`, { group, version }]));
  return [...versions.values()].map(apiServiceFor);
}

/** Everything that must be there. Pure. */
export function builtInObjects(options: Pick<BuiltInOptions, 'registry' | 'serviceCidrs'>): readonly BuiltIn[] {
  return [
    ...priorityClasses,
    ...flowControlObjects,
    ...ingressClasses,
    ...storageClasses,
    ...serviceCidrs(options.serviceCidrs),
    ...served(options.registry.catalogue),
  ];
}

type Stored = KubernetesObject & {
  readonly spec?: unknown;
  readonly status?: { readonly conditions?: readonly Condition[] };
};
interface Condition {
  readonly type: string;
  readonly lastTransitionTime?: string;
}

/** The wanted status, with the times at which conditions became what they are. */
function statusOf(wanted: BuiltIn['object'], stored: Stored, now: string): unknown {
  const { conditions } = (wanted.status ?? {}) as { readonly conditions?: readonly Condition[] };
  if (conditions === undefined) return wanted.status;
  const timed = conditions.map((condition) => ({
    lastTransitionTime: stored.status?.conditions?.find((c) => c.type === condition.type)?.lastTransitionTime ?? now,
    ...condition,
  }));
  return { conditions: timed };
}

async function ensure(resource: Resource<Stored>, { object, isFixed }: BuiltIn, now: string): Promise<void> {
  const stored = resource.find('', nameOf(object)) ?? (await resource.create(object as Stored));
  if (isFixed && !semanticEqual(stored.spec, object.spec)) {
    await resource.modify(stored, (current) => ({ ...current, spec: object.spec }));
  }
  if (object.status === undefined) return;
  const status = statusOf(object, stored, now);
  if (semanticEqual(status, stored.status)) return;
  await resource.modify(stored, (current) => ({ ...current, status: status as Stored['status'] }), 'status');
}

/** Makes the objects that every cluster has, and makes them again when somebody deletes one. */
export function builtInObjectsKeeper(options: BuiltInOptions): Controller {
  const { registry, now } = options;
  const wanted = new Map(builtInObjects(options).map((each) => [`${each.resource} ${nameOf(each.object)}`, each]));
  const resources = [...new Set([...wanted.values()].map(({ resource }) => resource))];
  return {
    name: 'built-in-objects',
    inputs: resources.map((resource) => ({
      resource,
      keys: ({ type, entry }) => (type === 'DELETED' ? [`${resource} ${nameOf(entry.object)}`] : []),
    })),
    outputs: [{ what: 'built-in objects', mode: 'exclusive' }],
    extraKeys: async () => [...wanted.keys()],
    reconcile: async (key) => {
      const found = wanted.get(key);
      if (found !== undefined) await ensure(resourceOf(registry, kindOf(registry, found.resource)), found, now());
      return undefined;
    },
  };
}
