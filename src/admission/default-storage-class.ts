import { defaultClassOf } from '../kinds/storage/default-class.ts';
import type { PersistentVolumeClaim, StorageClass } from '../kinds/types.ts';
import { type AdmissionPlugin, isAbout } from './plugin.ts';

const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** Claims that name no class get the default one. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate: (request, lookup) => {
    if (request.operation !== 'CREATE' || !isAbout(request, '/persistentvolumeclaims')) return request.object;
    const claim = request.object as PersistentVolumeClaim;
    const named = claim.spec?.storageClassName !== undefined || claim.metadata?.annotations?.[OLD_CLASS] !== undefined;
    const classes = lookup.list('storage.k8s.io/storageclasses') as readonly StorageClass[];
    const found = named ? undefined : defaultClassOf(classes)?.metadata?.name;
    return found === undefined ? claim : { ...claim, spec: { ...claim.spec, storageClassName: found } };
  },
};
