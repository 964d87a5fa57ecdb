import { formatAccessModes } from './access-modes.ts';
import { ageColumn, column, nameColumn, orElse, wideColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateVolume, validateVolumeUpdate } from './persistent-volume-validation.ts';
import { defined } from './pod-spec/defined.ts';
import type { Draft, PersistentVolume } from './types.ts';

type Object = Draft<PersistentVolume>;

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

function claim(volume: Object): string {
  const ref = volume.spec?.claimRef;
  return ref ? `${ref.namespace ?? ''}/${ref.name ?? ''}` : '';
}

function phase(volume: Object): string {
  return volume.metadata?.deletionTimestamp ? 'Terminating' : (volume.status?.phase ?? '');
}

/** `SetDefaults_PersistentVolume`. */
function applyDefaults(volume: Object): Object {
  const spec = volume.spec ?? {};
  return {
    ...volume,
    spec: {
      ...spec,
      persistentVolumeReclaimPolicy: spec.persistentVolumeReclaimPolicy || 'Retain',
      volumeMode: spec.volumeMode || 'Filesystem',
      ...defined('hostPath', spec.hostPath && { ...spec.hostPath, type: spec.hostPath.type ?? '' }),
    },
    status: { ...volume.status, phase: volume.status?.phase || 'Pending' },
  };
}

/** core/v1 PersistentVolume. */
export const persistentVolumeKind = defineKind<Object>({
  kind: 'PersistentVolume',
  shortNames: ['pv'],
  namespaced: false,
  hasStatus: true,
  support: {
    level: 'partial',
    note: 'Bound, released and reclaimed as upstream; pods use hostPath, local (devices among them) and NFS volumes, the latter with the host’s mount.nfs.',
  },
  columns: [
    nameColumn,
    column('Capacity', 'string', 'Size.', (o) => o.spec?.capacity?.['storage'] ?? '0'),
    column('Access Modes', 'string', 'How it can be mounted.', (o) => formatAccessModes(o.spec?.accessModes)),
    column(
      'Reclaim Policy',
      'string',
      'What becomes of it when its claim goes.',
      (o) => o.spec?.persistentVolumeReclaimPolicy ?? '',
    ),
    column('Status', 'string', 'Phase.', phase),
    column('Claim', 'string', 'Claim that it is bound to.', claim),
    column(
      'StorageClass',
      'string',
      'Class.',
      (o) => o.metadata?.annotations?.[CLASS_ANNOTATION] ?? o.spec?.storageClassName ?? '',
    ),
    column('VolumeAttributesClass', 'string', 'Class of its attributes.', (o) =>
      orElse(o.spec?.volumeAttributesClassName, '<unset>'),
    ),
    column('Reason', 'string', 'Why it is in this phase.', (o) => o.status?.reason ?? ''),
    ageColumn,
    wideColumn('VolumeMode', 'string', 'Filesystem or Block.', (o) => orElse(o.spec?.volumeMode, '<unset>')),
  ],
  defaults: applyDefaults,
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
});
