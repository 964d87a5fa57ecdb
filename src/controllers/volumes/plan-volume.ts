import type { PersistentVolume, PersistentVolumeClaim } from '../../kinds/types.ts';
import type { Happening } from '../events.ts';
import { nameOf, uidOf } from '../meta.ts';
import { annotationOf, modesMismatch, VOLUME_KEYS } from './volume-facts.ts';

/** The next thing to do about a volume. */
export type VolumePlan =
  | { readonly action: 'none' }
  | { readonly action: 'phase'; readonly phase: 'Available' | 'Bound' | 'Released' }
  /** Its claim is gone, and nobody can do what its reclaim policy asks for. */
  | { readonly action: 'fail'; readonly event: Happening }
  /** Its claim went elsewhere: it is free again. */
  | { readonly action: 'unbind' }
  /** It and its claim can't go together. */
  | { readonly action: 'mismatch'; readonly onVolume: Happening; readonly onClaim: Happening };

function say(reason: string, message: string): Happening {
  return { type: 'Warning', reason, message, component: 'persistentvolume-controller' };
}

/** Decides over a volume; `claim` is the stored one that its reference names. Pure. */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const ref = volume.spec?.claimRef;
  if (!ref?.uid) return phase(volume, 'Available');
  if (claim === undefined || uidOf(claim) !== ref.uid) return planReleased(volume);
  if (!claim.spec?.volumeName) return modesMismatch(claim, volume) ? mismatch(volume, claim) : { action: 'none' };
  if (claim.spec.volumeName === nameOf(volume)) return phase(volume, 'Bound');
  const wasMadeForIt = annotationOf(volume, VOLUME_KEYS.provisionedBy) !== undefined;
  const isDisposable = wasMadeForIt && volume.spec?.persistentVolumeReclaimPolicy === 'Delete';
  return isDisposable ? planReleased(volume) : { action: 'unbind' };
}

function phase(volume: PersistentVolume, wanted: 'Available' | 'Bound' | 'Released'): VolumePlan {
  return volume.status?.phase === wanted ? { action: 'none' } : { action: 'phase', phase: wanted };
}

/** What was provisioned is its provisioner's to delete. */
function planReleased(volume: PersistentVolume): VolumePlan {
  if (volume.status?.phase === 'Failed') return { action: 'none' };
  if (volume.status?.phase !== 'Released') return { action: 'phase', phase: 'Released' };
  const policy = volume.spec?.persistentVolumeReclaimPolicy;
  if (policy === 'Recycle') {
    return { action: 'fail', event: say('VolumeFailedRecycle', 'No recycler plugin found for the volume!') };
  }
  const isOthers = Boolean(annotationOf(volume, VOLUME_KEYS.provisionedBy)) || volume.spec?.csi !== undefined;
  if (policy !== 'Delete' || isOthers) return { action: 'none' };
  const why = 'no deletable volume plugin matched';
  const message = `error getting deleter volume plugin for volume "${nameOf(volume)}": ${why}`;
  return { action: 'fail', event: say('VolumeFailedDelete', message) };
}

function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): VolumePlan {
  const why = 'due to incompatible volumeMode.';
  const toClaim = `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${nameOf(claim)}" ${why}`;
  const toVolume = `Cannot bind PersistentVolume "${nameOf(volume)}" to requested PersistentVolumeClaim ${why}`;
  return { action: 'mismatch', onVolume: say('VolumeMismatch', toClaim), onClaim: say('VolumeMismatch', toVolume) };
}
