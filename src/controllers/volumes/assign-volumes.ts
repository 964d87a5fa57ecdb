import type { Node, Pod } from '../../kinds/types.ts';
import { podsOn } from '../indexes.ts';
import { namespaceOf, objectKey, uidOf } from '../meta.ts';
import type { Resources } from '../resources.ts';
import { claimsOf } from '../storage-protection.ts';
import { type Assignment, type PodVolumes, planPodVolumes } from './plan-pod-volumes.ts';
import { annotationOf, claimReference, isBoundTo, VOLUME_KEYS, withAnnotation } from './volume-facts.ts';

/** What is stored about a pod's volumes, judged for a node. */
export function gatherPodVolumes(pod: Pod, node: Node, resources: Resources): PodVolumes | undefined {
  if (claimsOf(pod).length === 0) return undefined;
  return planPodVolumes(pod, {
    node,
    pods: resources.pods.list(pod.metadata?.namespace ?? ''),
    volumes: resources.persistentVolumes.list(),
    findClaim: (namespace, name) => resources.persistentVolumeClaims.find(namespace, name),
    findClass: (name) => (name === '' ? undefined : resources.storageClasses.find('', name)),
  });
}

/** Puts the scheduler's choice on record: from then on binder and provisioner go by it. */
export async function assignVolumes(
  assignments: readonly Assignment[],
  nodeName: string,
  { persistentVolumes, persistentVolumeClaims }: Resources,
): Promise<void> {
  for (const { claim, volume } of assignments) {
    if (volume === undefined) {
      await persistentVolumeClaims.modify(claim, (now) =>
        annotationOf(now, VOLUME_KEYS.selectedNode) === nodeName
          ? undefined
          : withAnnotation(now, VOLUME_KEYS.selectedNode, nodeName),
      );
      continue;
    }
    await persistentVolumes.modify(volume, (now) => {
      const ref = now.spec?.claimRef;
      if (now.spec === undefined || ref?.uid === uidOf(claim) || (ref && !isBoundTo(now, claim))) return undefined;
      const next = { ...now, spec: { ...now.spec, claimRef: claimReference(claim) } };
      return ref ? next : withAnnotation(next, VOLUME_KEYS.boundByController, 'yes');
    });
  }
}

/** Pods without a place that use the claim `namespace/name`. */
export function podsWaitingFor(claimKey: string, resources: Resources): readonly string[] {
  const namespace = claimKey.slice(0, claimKey.indexOf('/'));
  const uses = (pod: Pod): boolean => claimsOf(pod).some((name) => `${namespace}/${name}` === claimKey);
  return podsOn('', resources.pods)
    .filter((pod) => namespaceOf(pod) === namespace && uses(pod))
    .map(objectKey);
}
