import type { PersistentVolumeClaim, Pod, Volume } from '../kinds/types.ts';
import type { Controller, ObjectChange } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { controllerReference, isControlledBy, isDeleting, nameOf, namespaceOf, objectKey, splitKey } from './meta.ts';
import { isStatus, type Resources } from './resources.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

/** What the controller needs. */
export interface EphemeralClaimsOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
}

/** Name of the claim for a generic ephemeral volume. */
export function ephemeralClaimName(pod: Pod, volume: Pick<Volume, 'name'>): string {
  return `${nameOf(pod)}-${volume.name}`;
}

/** Why a claim of the right name isn't the pod's; undefined when it is. */
export function notOwned(pod: Pod, claim: PersistentVolumeClaim): string | undefined {
  if (isControlledBy(claim, pod)) return undefined;
  return `PVC ${objectKey(claim)} was not created for pod ${objectKey(pod)} (pod is not owner)`;
}

/** The claim that a pod's ephemeral volume is made through. Pure. */
export function ephemeralClaim(pod: Pod, volume: Volume): PersistentVolumeClaim {
  const { metadata, spec } = volume.ephemeral?.volumeClaimTemplate ?? {};
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: ephemeralClaimName(pod, volume),
      namespace: namespaceOf(pod),
      labels: metadata?.labels,
      annotations: metadata?.annotations,
      ownerReferences: [controllerReference(pod, { apiVersion: 'v1', kind: 'Pod' })],
    },
    spec,
  };
}

async function ensure(pod: Pod, volume: Volume, { resources }: EphemeralClaimsOptions): Promise<string | undefined> {
  const claims = resources.persistentVolumeClaims;
  const found = claims.find(namespaceOf(pod), ephemeralClaimName(pod, volume));
  if (found !== undefined) return notOwned(pod, found);
  try {
    await claims.create(ephemeralClaim(pod, volume));
    return undefined;
  } catch (error) {
    if (isStatus(error, 'AlreadyExists')) return undefined;
    return `create PVC ${ephemeralClaimName(pod, volume)}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A claim that goes may be one that a pod still wants. */
function podOf({ type, entry }: ObjectChange): readonly string[] {
  const owner = entry.object.metadata?.ownerReferences?.find(({ kind, controller }) => kind === 'Pod' && controller);
  return type === 'DELETED' && owner ? [`${namespaceOf(entry.object)}/${owner.name}`] : [];
}

/** Makes the claims of pods' generic ephemeral volumes; they belong to the pod and go with it. */
export function ephemeralClaims(options: EphemeralClaimsOptions): Controller {
  const { resources, recorder } = options;
  return {
    name: 'ephemeral-claims',
    inputs: [
      {
        resource: '/pods',
        keys: ({ type, entry }) =>
          type === 'ADDED' && (entry.object as Pod).spec?.volumes?.some((v) => v.ephemeral)
            ? [objectKey(entry.object)]
            : [],
      },
      { resource: '/persistentvolumeclaims', keys: podOf },
    ],
    outputs: [
      { what: 'claims of ephemeral volumes', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const pod = resources.pods.find(namespace, name);
      if (pod === undefined || isDeleting(pod) || isPodFinished(pod)) return undefined;
      for (const volume of pod.spec?.volumes ?? []) {
        const why = volume.ephemeral ? await ensure(pod, volume, options) : undefined;
        if (why === undefined) continue;
        const message = `ephemeral volume ${volume.name}: ${why}`;
        recorder.record(pod, { type: 'Warning', reason: 'FailedBinding', message, component: 'ephemeral_volume' });
        throw new Error(`pod ${key}, ${message}`);
      }
      return undefined;
    },
  };
}
