import { LOCAL_PROVISIONER } from '../volumes/volume-facts.ts';
import type { BuiltIn } from './built-in.ts';

const local = {
  metadata: { name: 'local', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: LOCAL_PROVISIONER,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
};

/** The class of volumes on this machine's disk, which claims without a class get. */
export const storageClasses: readonly BuiltIn[] = [{ resource: 'storage.k8s.io/storageclasses', object: local }];
