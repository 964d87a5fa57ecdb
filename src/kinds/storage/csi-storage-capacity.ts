import { invalidValue } from '../../machinery/field-path.ts';
import { isDns1123Subdomain } from '../../machinery/names.ts';
import { parseQuantity } from '../../machinery/quantity.ts';
import { column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { CsiStorageCapacity, Draft } from '../types.ts';
import { type Findings, validateImmutable, validateLabelSelector, validateName } from '../validation.ts';

type Object = Draft<CsiStorageCapacity>;

/** Not negative, and a quantity at all. */
function validateSize(size: string | undefined, path: string): Findings {
  if (size === undefined) return [];
  const parsed = parseQuantity(size);
  if (!parsed.ok) return [invalidValue(path, size, parsed.message)];
  return parsed.value.nano < 0n ? [invalidValue(path, size, 'must be greater than or equal to 0')] : [];
}

/** storage.k8s.io/v1 CSIStorageCapacity. */
export const csiStorageCapacityKind = defineKind<Object>({
  group: 'storage.k8s.io',
  kind: 'CSIStorageCapacity',
  requiresVersion: true,
  plural: 'csistoragecapacities',
  columns: [
    nameColumn,
    column('StorageClassName', 'string', 'Class that it is about.', (o) => o.storageClassName ?? ''),
    column('Capacity', 'string', 'How much is left.', (o) => o.capacity ?? '<unset>'),
  ],
  validate: (o) => [
    ...validateLabelSelector(o.nodeTopology, 'nodeTopology'),
    ...validateName(isDns1123Subdomain, o.storageClassName ?? '', 'storageClassName'),
    ...validateSize(o.capacity, 'capacity'),
    ...validateSize(o.maximumVolumeSize, 'maximumVolumeSize'),
  ],
  validateUpdate: (o, old) => [
    ...validateImmutable(o.nodeTopology, old.nodeTopology, 'nodeTopology'),
    ...validateImmutable(o.storageClassName, old.storageClassName, 'storageClassName'),
  ],
});
