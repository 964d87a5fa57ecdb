import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../kinds/types.ts';
import type { Happening } from '../events.ts';
import { nameOf, uidOf } from '../meta.ts';
import { findMatchingVolume, mismatchOf } from './match-volume.ts';
import { annotationOf, classOf, isBoundTo, isDelayed, namesClass, VOLUME_KEYS } from './volume-facts.ts';

/** What a claim's fate depends on. */
export interface ClaimSnapshot {
  readonly volumes: readonly PersistentVolume[];
  readonly findClass: (name: string) => StorageClass | undefined;
  /** The class of claims that name none. */
  readonly defaultClass: StorageClass | undefined;
  /** Pods that use the claim, and have neither ended nor a place. */
  readonly waitingPods: readonly Pod[];
}

/** The next thing to do about a claim. */
export type ClaimPlan =
  | { readonly action: 'none'; readonly event?: Happening }
  /** It has no volume yet. */
  | { readonly action: 'pend'; readonly event?: Happening }
  | { readonly action: 'bind'; readonly volume: PersistentVolume }
  /** It named no class, and there is a default one now. */
  | { readonly action: 'classify'; readonly storageClass: string }
  /** Somebody is asked to make a volume. */
  | { readonly action: 'provision'; readonly provisioner: string; readonly event: Happening }
  /** Its volume is gone or another's. */
  | { readonly action: 'lose'; readonly event: Happening };

function say(type: Happening['type'], reason: string, message: string): Happening {
  return { type, reason, message, component: 'persistentvolume-controller' };
}

/** Decides over a claim, as the persistent volume controller of upstream does. Pure. */
export function planClaim(claim: PersistentVolumeClaim, snapshot: ClaimSnapshot): ClaimPlan {
  if (annotationOf(claim, VOLUME_KEYS.bindCompleted) !== undefined) return planBound(claim, snapshot);
  return claim.spec?.volumeName ? planRequested(claim, snapshot) : planUnbound(claim, snapshot);
}

function planUnbound(claim: PersistentVolumeClaim, snapshot: ClaimSnapshot): ClaimPlan {
  const storageClass = snapshot.findClass(classOf(claim));
  const delayed = isDelayed(storageClass);
  const volume = findMatchingVolume(claim, snapshot.volumes, { isDelayed: delayed });
  if (volume !== undefined) return { action: 'bind', volume };
  if (!namesClass(claim) && snapshot.defaultClass !== undefined) {
    return { action: 'classify', storageClass: nameOf(snapshot.defaultClass) };
  }
  if (delayed && annotationOf(claim, VOLUME_KEYS.selectedNode) === undefined) {
    return { action: 'pend', event: waitingEvent(snapshot.waitingPods) };
  }
  if (classOf(claim) !== '') return planProvisioning(classOf(claim), storageClass);
  const message = 'no persistent volumes available for this claim and no storage class is set';
  return { action: 'pend', event: say('Normal', 'FailedBinding', message) };
}

function waitingEvent(pods: readonly Pod[]): Happening {
  const names = pods.map(nameOf);
  if (names.length === 0) {
    return say('Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  }
  const message = `waiting for ${names.length > 1 ? 'pods' : 'pod'} ${names.join(',')} to be scheduled`;
  return say('Normal', 'WaitForPodScheduled', message);
}

function planProvisioning(name: string, storageClass: StorageClass | undefined): ClaimPlan {
  const failed = (message: string): ClaimPlan => ({
    action: 'none',
    event: say('Warning', 'ProvisioningFailed', message),
  });
  if (storageClass === undefined) return failed(`storageclass.storage.k8s.io "${name}" not found`);
  const { provisioner } = storageClass;
  if (provisioner.startsWith('kubernetes.io/')) return failed(`no volume plugin matched name: ${provisioner}`);
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the ` +
    'system administrator. If volume creation is delayed, please verify that the provisioner is running and ' +
    'correctly registered.';
  return { action: 'provision', provisioner, event: say('Normal', 'ExternalProvisioning', message) };
}

/** The claim asks for a volume by name. */
function planRequested(claim: PersistentVolumeClaim, { volumes }: ClaimSnapshot): ClaimPlan {
  const volume = volumes.find((each) => nameOf(each) === claim.spec?.volumeName);
  if (volume === undefined) return { action: 'pend' };
  if (isBoundTo(volume, claim)) return { action: 'bind', volume };
  if (volume.spec?.claimRef) {
    const message = `volume "${nameOf(volume)}" already bound to a different claim.`;
    return { action: 'pend', event: say('Warning', 'FailedBinding', message) };
  }
  const mismatch = mismatchOf(volume, claim);
  if (mismatch === undefined) return { action: 'bind', volume };
  const message = `Cannot bind to requested volume "${nameOf(volume)}": ${mismatch}`;
  return { action: 'pend', event: say('Warning', 'VolumeMismatch', message) };
}

function planBound(claim: PersistentVolumeClaim, { volumes }: ClaimSnapshot): ClaimPlan {
  const lose = (reason: string, message: string): ClaimPlan => ({
    action: 'lose',
    event: say('Warning', reason, message),
  });
  if (!claim.spec?.volumeName) {
    return lose('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  }
  const volume = volumes.find((each) => nameOf(each) === claim.spec?.volumeName);
  if (volume === undefined) {
    return lose('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  }
  const ref = volume.spec?.claimRef;
  if (!ref || ref.uid === uidOf(claim)) return { action: 'bind', volume };
  return lose('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

/** `namespace/name` of the claim that a volume is for. */
export function claimKeyOf({ spec }: PersistentVolume): string | undefined {
  return spec?.claimRef && `${spec.claimRef.namespace}/${spec.claimRef.name}`;
}
