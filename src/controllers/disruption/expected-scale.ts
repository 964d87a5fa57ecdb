import type { Pod } from '../../kinds/types.ts';
import type { OwnerReference } from '../../machinery/object.ts';
import { controllerOf, nameOf, namespaceOf, uidOf } from '../meta.ts';
import { isStatus, type Resources } from '../resources.ts';
import type { Scales } from '../scales.ts';

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

/** The scale of any other kind that has one. */
function anyScale(scales: Scales | undefined, namespace: string, owner: OwnerReference): Scale | undefined {
  const group = owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0] : '';
  const plural = `${owner.kind.toLowerCase()}s`;
  const target = (() => {
    try {
      return scales?.find(namespace, owner);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return 'gone';
      return undefined;
    }
  })();
  if (target === 'gone') return undefined;
  if (target === undefined) {
    throw new Error(`${group === '' ? plural : `${plural}.${group}`} does not implement the scale subresource`);
  }
  const isSame = uidOf(target.object) === owner.uid;
  return isSame ? { uid: owner.uid, replicas: target.scale.spec.replicas ?? 0 } : undefined;
}

/** Where scales are looked up. */
export interface ScaleSources {
  readonly resources: Resources;
  /** Of kinds beyond upstream's own. */
  readonly scales?: Scales;
}

function find({ resources, scales }: ScaleSources, pod: Pod, owner: OwnerReference): Scale | undefined {
  const namespace = namespaceOf(pod);
  const group = owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0] : '';
  switch (`${group}/${owner.kind}`) {
    case '/ReplicationController':
      return scaleOf(resources.replicationControllers.find(namespace, owner.name), owner.uid);
    case 'apps/ReplicaSet':
      return replicaSetScale(resources, namespace, owner);
    case 'apps/StatefulSet':
      return scaleOf(resources.statefulSets.find(namespace, owner.name), owner.uid);
    default:
      return anyScale(scales, namespace, owner);
  }
}

/** Adds up the replicas of the pods' controllers, each once. Throws where a controller has no scale. */
export function expectedScale(pods: readonly Pod[], sources: ScaleSources): ExpectedScale {
  const scales = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) {
      unmanaged.push(nameOf(pod));
      continue;
    }
    const scale = find(sources, pod, owner);
    if (scale === undefined) throw new Error(`found no controllers for pod "${nameOf(pod)}"`);
    scales.set(scale.uid, scale.replicas);
  }
  return { total: [...scales.values()].reduce((sum, n) => sum + n, 0), unmanaged };
}
