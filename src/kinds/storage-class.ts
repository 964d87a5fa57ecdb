import { ageColumn, column, nameColumn, orElse } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateStorageClass, validateStorageClassUpdate } from './storage-class-validation.ts';
import type { Draft, StorageClass } from './types.ts';

type Object = Draft<StorageClass>;

const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

function nameWithDefault(object: Object): string {
  const isDefault = DEFAULT_ANNOTATIONS.some((key) => object.metadata?.annotations?.[key] === 'true');
  return `${object.metadata?.name ?? ''}${isDefault ? ' (default)' : ''}`;
}

/** storage.k8s.io/v1 StorageClass. */
export const storageClassKind = defineKind<Object>({
  group: 'storage.k8s.io',
  kind: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  namespaced: false,
  support: {
    level: 'full',
    note: '`local` is there and the default; its provisioner makes folders, held to their size by project quotas.',
  },
  columns: [
    { ...nameColumn, cell: nameWithDefault },
    column('Provisioner', 'string', 'Who makes the volumes.', (o) => o.provisioner ?? ''),
    column('ReclaimPolicy', 'string', 'What becomes of a volume when its claim goes.', (o) =>
      orElse(o.reclaimPolicy, 'Delete'),
    ),
    column('VolumeBindingMode', 'string', 'When volumes are made.', (o) => orElse(o.volumeBindingMode, 'Immediate')),
    column('AllowVolumeExpansion', 'string', 'Whether volumes may grow.', (o) => o.allowVolumeExpansion ?? false),
    ageColumn,
  ],
  defaults: (object) => ({
    ...object,
    reclaimPolicy: object.reclaimPolicy ?? 'Delete',
    volumeBindingMode: object.volumeBindingMode ?? 'Immediate',
  }),
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
});
