import type { PersistentVolumeClaimSpec, Sparse } from './types.ts';

/** `SetDefaults_PersistentVolumeClaimSpec`. */
export function applyClaimSpecDefaults(spec: Sparse<PersistentVolumeClaimSpec>): Sparse<PersistentVolumeClaimSpec> {
  return { ...spec, volumeMode: spec.volumeMode || 'Filesystem' };
}
