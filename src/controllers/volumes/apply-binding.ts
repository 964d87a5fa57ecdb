import type { PersistentVolume, PersistentVolumeClaim } from '../../kinds/types.ts';
import { semanticEqual } from '../../machinery/deep.ts';
import { nameOf, uidOf } from '../meta.ts';
import type { Resources } from '../resources.ts';
import { annotationOf, claimReference, isBoundTo, VOLUME_KEYS, withAnnotation } from './volume-facts.ts';

type ClaimStatus = NonNullable<PersistentVolumeClaim['status']>;
type VolumeStatus = NonNullable<PersistentVolume['status']>;

/** The volume with its claim; undefined when there is nothing to change, or it is another's by now. */
function boundVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume | undefined {
  const ref = volume.spec?.claimRef;
  if (volume.spec === undefined || (ref && !isBoundTo(volume, claim)) || ref?.uid === uidOf(claim)) return undefined;
  const next = { ...volume, spec: { ...volume.spec, claimRef: claimReference(claim) } };
  return ref ? next : withAnnotation(next, VOLUME_KEYS.boundByController, 'yes');
}

function boundClaim(claim: PersistentVolumeClaim, volume: PersistentVolume): PersistentVolumeClaim | undefined {
  const isNamed = claim.spec?.volumeName === nameOf(volume);
  const isMarked = annotationOf(claim, VOLUME_KEYS.bindCompleted) !== undefined;
  if (claim.spec === undefined || (isNamed && isMarked)) return undefined;
  const next = { ...claim, spec: { ...claim.spec, volumeName: nameOf(volume) } };
  const byUs = isNamed ? next : withAnnotation(next, VOLUME_KEYS.boundByController, 'yes');
  return withAnnotation(byUs, VOLUME_KEYS.bindCompleted, 'yes');
}

/** The status of a bound claim: what it got is told once, from then on resizing tells. */
function boundStatus(status: ClaimStatus | undefined, { spec }: PersistentVolume): ClaimStatus {
  const isNew = status?.phase !== 'Bound';
  return {
    ...status,
    phase: 'Bound',
    accessModes: spec?.accessModes,
    capacity: isNew ? spec?.capacity : status?.capacity,
    ...(isNew && spec?.volumeAttributesClassName
      ? { currentVolumeAttributesClassName: spec.volumeAttributesClassName }
      : {}),
  };
}

function withoutVolume(status: ClaimStatus | undefined, phase: string): ClaimStatus {
  const { accessModes: _, capacity: _size, currentVolumeAttributesClassName: _class, ...rest } = { ...status };
  return { ...rest, phase };
}

async function setClaimStatus(
  claim: PersistentVolumeClaim,
  change: (status: ClaimStatus | undefined) => ClaimStatus,
  { persistentVolumeClaims }: Resources,
): Promise<boolean> {
  let changed = false;
  const set = (now: PersistentVolumeClaim): PersistentVolumeClaim | undefined => {
    const status = change(now.status);
    changed = !semanticEqual(now.status, status);
    return changed ? { ...now, status } : undefined;
  };
  await persistentVolumeClaims.modify(claim, set, 'status');
  return changed;
}

/**
 * Binds: first the volume names the claim, so that nobody else gets it, then the claim names the volume. Whatever is
 * interrupted is taken up by the next look at either of them.
 */
export async function bind(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  resources: Resources,
): Promise<void> {
  const { persistentVolumes, persistentVolumeClaims } = resources;
  const bound = await persistentVolumes.modify(volume, (now) => boundVolume(now, claim));
  if (bound?.spec?.claimRef?.uid !== uidOf(claim)) return;
  await setVolumePhase(bound, { phase: 'Bound' }, resources);
  const named = await persistentVolumeClaims.modify(claim, (now) => boundClaim(now, bound));
  if (named?.spec?.volumeName === nameOf(bound)) {
    await setClaimStatus(named, (status) => boundStatus(status, bound), resources);
  }
}

/** The claim has no volume. */
export async function markPending(claim: PersistentVolumeClaim, resources: Resources): Promise<void> {
  await setClaimStatus(claim, (status) => withoutVolume(status, 'Pending'), resources);
}

/** The claim's volume is lost; tells whether that is news. */
export function markLost(claim: PersistentVolumeClaim, resources: Resources): Promise<boolean> {
  return setClaimStatus(claim, (status) => withoutVolume(status, 'Lost'), resources);
}

/** The volume's phase, with why where it failed. */
export async function setVolumePhase(
  volume: PersistentVolume,
  { phase, message }: Pick<VolumeStatus, 'phase' | 'message'>,
  { persistentVolumes }: Resources,
): Promise<void> {
  const set = (now: PersistentVolume): PersistentVolume | undefined => {
    if (now.status?.phase === phase) return undefined;
    const { message: _, ...rest } = { ...now.status };
    return { ...now, status: { ...rest, phase, ...(message === undefined ? {} : { message }) } };
  };
  await persistentVolumes.modify(volume, set, 'status');
}

/** Frees a volume: of all when we bound it, of the claim's uid when somebody meant it for the claim. */
export async function releaseBinding(volume: PersistentVolume, resources: Resources): Promise<void> {
  const freed = await resources.persistentVolumes.modify(volume, (now) => {
    if (now.spec?.claimRef === undefined) return undefined;
    const { claimRef, ...spec } = now.spec;
    if (annotationOf(now, VOLUME_KEYS.boundByController) === undefined) {
      return { ...now, spec: { ...spec, claimRef: { ...claimRef, uid: undefined } } };
    }
    const { [VOLUME_KEYS.boundByController]: _, ...annotations } = { ...now.metadata?.annotations };
    return { ...now, spec, metadata: { ...now.metadata, annotations } };
  });
  if (freed !== undefined) await setVolumePhase(freed, { phase: 'Available' }, resources);
}
