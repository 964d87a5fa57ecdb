import { type AdmissionPlugin, isAbout } from './plugin.ts';

/** The finalizers that keep storage objects while something uses them, by resource. */
export const STORAGE_FINALIZERS: { readonly [resource: string]: string } = {
  '/persistentvolumeclaims': 'kubernetes.io/pvc-protection',
  '/persistentvolumes': 'kubernetes.io/pv-protection',
};

/** New volumes and claims are protected while they are in use; a controller takes the protection away. */
export const storageObjectInUse: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate: (request) => {
    const { operation, object } = request;
    const finalizer = Object.entries(STORAGE_FINALIZERS).find(([resource]) => isAbout(request, resource))?.[1];
    const { finalizers = [] } = object.metadata ?? {};
    if (operation !== 'CREATE' || finalizer === undefined || finalizers.includes(finalizer)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
  },
};
