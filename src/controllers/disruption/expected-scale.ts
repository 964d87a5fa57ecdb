import type { Pod } from '../../kinds/types.ts';
import type { OwnerReference } from '../../machinery/object.ts';
import { controllerOf, nameOf, namespaceOf, uidOf } from '../meta.ts';
import type { Resources } from '../resources.ts';

/** What the controllers of pods ask for, and the pods that have none. */
export interface ExpectedScale {
  readonly total: number;
  readonly unmanaged: readonly string[];
}

interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

type Scaled = { readonly metadata?: object; readonly spec?: { readonly replicas?: number } };

function scaleOf(object: Scaled | undefined, uid: string): Scale | undefined {
  return object === undefined || uidOf(object) !== uid ? undefined : { uid, replicas: object.spec?.replicas ?? 1 };
}

/** A ReplicaSet's own number, or its Deployment's where it has one. */
function replicaSetScale(
  { replicaSets, deployments }: Resources,
  namespace: string,
  { name, uid }: OwnerReference,
): Scale | undefined {
  const replicaSet = replicaSets.find(namespace, name);
  const owner = replicaSet && controllerOf(replicaSet);
  if (owner?.kind !== 'Deployment') return scaleOf(replicaSet, uid);
  return scaleOf(deployments.find(namespace, owner.name), owner.uid);
}

function find(resources: Resources, pod: Pod, owner: OwnerReference): Scale | undefined {
  const namespace = namespaceOf(pod);
  const group = owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0] : '';
  switch (`${group}/${owner.kind}`) {
    case '/ReplicationController':
      return scaleOf(resources.replicationControllers.find(namespace, owner.name), owner.uid);
    case 'apps/ReplicaSet':
      return replicaSetScale(resources, namespace, owner);
    case 'apps/StatefulSet':
      return scaleOf(resources.statefulSets.find(namespace, owner.name), owner.uid);
    default: {
      const plural = `${owner.kind.toLowerCase()}s`;
      throw new Error(`${group === '' ? plural : `${plural}.${group}`} does not implement the scale subresource`);
    }
  }
}

/** Adds up the replicas of the pods' controllers, each once. Throws where a controller has no scale. */
export function expectedScale(pods: readonly Pod[], resources: Resources): ExpectedScale {
  const scales = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) {
      unmanaged.push(nameOf(pod));
      continue;
    }
    const scale = find(resources, pod, owner);
    if (scale === undefined) throw new Error(`found no controllers for pod "${nameOf(pod)}"`);
    scales.set(scale.uid, scale.replicas);
  }
  return { total: [...scales.values()].reduce((sum, n) => sum + n, 0), unmanaged };
}
