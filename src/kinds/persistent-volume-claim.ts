import { formatAccessModes } from './access-modes.ts';
import { ageColumn, column, nameColumn, orElse, wideColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { applyClaimSpecDefaults } from './persistent-volume-claim-defaults.ts';
import { validateClaim, validateClaimUpdate } from './persistent-volume-claim-validation.ts';
import { validateClaimStatus } from './status/other-statuses.ts';
import type { Draft, PersistentVolumeClaim } from './types.ts';

type Object = Draft<PersistentVolumeClaim>;

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

function isBound(claim: Object): boolean {
  return Boolean(claim.spec?.volumeName);
}

function phase(claim: Object): string {
  return claim.metadata?.deletionTimestamp ? 'Terminating' : (claim.status?.phase ?? '');
}

function applyDefaults(claim: Object): Object {
  const status = { ...claim.status, phase: claim.status?.phase || 'Pending' };
  return { ...claim, spec: applyClaimSpecDefaults(claim.spec ?? {}), status };
}

/** core/v1 PersistentVolumeClaim. */
export const persistentVolumeClaimKind = defineKind<Object>({
  kind: 'PersistentVolumeClaim',
  shortNames: ['pvc'],
  hasStatus: true,
  support: { level: 'full', note: 'Bound, provisioned on this machine’s disk, expanded, protected while in use.' },
  columns: [
    nameColumn,
    column('Status', 'string', 'Phase.', phase),
    column('Volume', 'string', 'Volume that it is bound to.', (o) => o.spec?.volumeName ?? ''),
    column('Capacity', 'string', 'Size that it got.', (o) =>
      isBound(o) ? (o.status?.capacity?.['storage'] ?? '0') : '',
    ),
    column('Access Modes', 'string', 'How it can be mounted.', (o) =>
      isBound(o) ? formatAccessModes(o.status?.accessModes) : '',
    ),
    column(
      'StorageClass',
      'string',
      'Class.',
      (o) => o.metadata?.annotations?.[CLASS_ANNOTATION] ?? o.spec?.storageClassName ?? '',
    ),
    column('VolumeAttributesClass', 'string', 'Class of its attributes.', (o) =>
      orElse(o.spec?.volumeAttributesClassName, '<unset>'),
    ),
    ageColumn,
    wideColumn('VolumeMode', 'string', 'Filesystem or Block.', (o) => orElse(o.spec?.volumeMode, '<unset>')),
  ],
  defaults: applyDefaults,
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  validateThrough: { status: validateClaimStatus },
});
