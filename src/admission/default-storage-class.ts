import type { PersistentVolumeClaim, StorageClass } from '../kinds/types.ts';
import { type AdmissionLookup, type AdmissionPlugin, isAbout } from './plugin.ts';

const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The default class; of several the newest, then the first by name. */
export function findDefaultStorageClass(lookup: AdmissionLookup): StorageClass | undefined {
  const classes = lookup.list('storage.k8s.io/storageclasses') as readonly StorageClass[];
  const isDefault = (each: StorageClass) => DEFAULT_CLASS.some((key) => each.metadata?.annotations?.[key] === 'true');
  const age = (each: StorageClass) => String(each.metadata?.creationTimestamp ?? '');
  const name = (each: StorageClass) => each.metadata?.name ?? '';
  return classes.filter(isDefault).toSorted((a, b) => age(b).localeCompare(age(a)) || (name(a) < name(b) ? -1 : 1))[0];
}

/** Claims that name no class get the default one. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate: (request, lookup) => {
    if (request.operation !== 'CREATE' || !isAbout(request, '/persistentvolumeclaims')) return request.object;
    const claim = request.object as PersistentVolumeClaim;
    const named = claim.spec?.storageClassName !== undefined || claim.metadata?.annotations?.[OLD_CLASS] !== undefined;
    const found = named ? undefined : findDefaultStorageClass(lookup)?.metadata?.name;
    return found === undefined ? claim : { ...claim, spec: { ...claim.spec, storageClassName: found } };
  },
};
