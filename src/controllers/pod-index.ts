import { podUnitNames } from '../../translators/units/pod-names.ts';
import type { Pod } from '../kinds/types.ts';
import type { ObjectChange } from './controller.ts';
import { objectKey, uidOf } from './meta.ts';

/** Finds the pod that a unit, a podman name or a uid belongs to. A cache of the pods, fed by their changes. */
export interface PodIndex {
  observe(change: ObjectChange): void;
  /** Key of the pod with this unit, podman container or pod name, or uid. */
  keyOf(name: string): string | undefined;
  keys(): readonly string[];
}

function namesOf(pod: Pod): readonly string[] {
  const names = podUnitNames(pod);
  return [
    uidOf(pod),
    names.gate,
    names.podService,
    names.podmanPod,
    ...names.containers.flatMap((c) => [c.service, c.podmanName]),
  ];
}

/** An index of the pods bound to one node. */
export function createPodIndex(nodeName: string): PodIndex {
  const byName = new Map<string, string>();
  const byKey = new Map<string, readonly string[]>();
  return {
    observe({ type, entry }) {
      const pod = entry.object as Pod;
      const key = objectKey(pod);
      for (const name of byKey.get(key) ?? []) byName.delete(name);
      byKey.delete(key);
      if (type === 'DELETED' || pod.spec?.nodeName !== nodeName) return;
      const names = namesOf(pod);
      byKey.set(key, names);
      for (const name of names) byName.set(name, key);
    },
    keyOf: (name) => byName.get(name),
    keys: () => [...byKey.keys()],
  };
}
