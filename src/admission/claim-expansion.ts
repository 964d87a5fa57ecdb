import type { PersistentVolumeClaim, StorageClass } from '../kinds/types.ts';
import { compareQuantities, parseQuantity } from '../machinery/quantity.ts';
import { forbidden } from '../machinery/status-error.ts';
import { type AdmissionLookup, type AdmissionPlugin, isAbout } from './plugin.ts';

/** Whether the second asks for more storage than the first. */
function grows(old: PersistentVolumeClaim, claim: PersistentVolumeClaim): boolean {
  const [before, after] = [old, claim].map((each) => parseQuantity(each.spec?.resources?.requests?.['storage'] ?? '0'));
  return before?.ok === true && after?.ok === true && compareQuantities(after.value, before.value) > 0;
}

function isExpandable({ spec }: PersistentVolumeClaim, lookup: AdmissionLookup): boolean {
  const key = { namespace: '', name: spec?.storageClassName ?? '' };
  const found = lookup.get('storage.k8s.io/storageclasses', key) as StorageClass | undefined;
  return found?.allowVolumeExpansion === true;
}

/** Claims grow only when they are bound, and their class allows it. */
export const claimExpansion: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate: (request, lookup) => {
    if (request.operation !== 'UPDATE' || !isAbout(request, '/persistentvolumeclaims')) return undefined;
    const [claim, old] = [request.object, request.old] as [PersistentVolumeClaim, PersistentVolumeClaim];
    if (!grows(old, claim)) return undefined;
    const refuse = (why: string) =>
      forbidden({ group: request.kind.group, resource: request.kind.plural, name: request.key.name }, why);
    if (old.status?.phase !== 'Bound') return refuse('Only bound persistent volume claims can be expanded');
    if (isExpandable(claim, lookup)) return undefined;
    return refuse(
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  },
};
