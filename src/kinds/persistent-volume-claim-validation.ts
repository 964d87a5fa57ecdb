import { semanticEqual } from '../machinery/deep.ts';
import { forbiddenField, index, invalidValue, key, notSupported, required } from '../machinery/field-path.ts';
import { isDns1123Subdomain } from '../machinery/names.ts';
import { compareQuantities, parseQuantity, type Quantity } from '../machinery/quantity.ts';
import type { Draft, PersistentVolumeClaim, PersistentVolumeClaimSpec, Sparse } from './types.ts';
import { type Findings, validateEnum, validateLabelSelector, validateName } from './validation.ts';

type Object = Draft<PersistentVolumeClaim>;
type Spec = Sparse<PersistentVolumeClaimSpec>;

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** Known modes, and one that stands alone. */
export function validateAccessModes(modes: readonly string[], path: string): Findings {
  if (modes.length === 0) return [required(path, 'at least 1 access mode is required')];
  const unknown = modes.flatMap((mode, position) =>
    MODES.includes(mode) ? [] : [notSupported(index(path, position), mode, MODES)],
  );
  const exclusive = modes.length > 1 && modes.includes('ReadWriteOncePod');
  const detail = 'may not use ReadWriteOncePod with other access modes';
  return [...unknown, ...(exclusive ? [forbiddenField(path, detail)] : [])];
}

function validateStorage(spec: Spec, path: string): Findings {
  const storage = spec.resources?.requests?.['storage'];
  const field = key(`${path}.resources`, 'storage');
  if (storage === undefined) return [required(field)];
  const parsed = parseQuantity(storage);
  return parsed.ok && parsed.value.nano > 0n ? [] : [invalidValue(field, storage, 'must be greater than zero')];
}

type Reference = NonNullable<Spec['dataSourceRef']>;

function validateDataSource({ apiGroup = '', kind = '', name = '' }: Reference, path: string): Findings {
  const ungrouped = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
  return [
    ...(name === '' ? [required(`${path}.name`)] : []),
    ...(kind === '' ? [required(`${path}.kind`)] : []),
    ...(apiGroup === '' && kind !== '' && kind !== 'PersistentVolumeClaim'
      ? [invalidValue(path, kind, ungrouped)]
      : []),
  ];
}

function validateDataSources({ dataSource, dataSourceRef }: Spec, path: string): Findings {
  const both = dataSource && dataSourceRef && !dataSourceRef.namespace;
  return [
    ...(dataSource ? validateDataSource(dataSource, `${path}.dataSource`) : []),
    ...(dataSourceRef ? validateDataSource(dataSourceRef, `${path}.dataSourceRef`) : []),
    ...(both && !semanticEqual(dataSource, dataSourceRef)
      ? [invalidValue(path, `${path}.dataSource`, 'must match dataSourceRef')]
      : []),
  ];
}

/** `ValidatePersistentVolumeClaimSpec`. */
export function validateClaimSpec(spec: Spec, path: string): Findings {
  return [
    ...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`),
    ...validateLabelSelector(spec.selector, `${path}.selector`),
    ...validateStorage(spec, path),
    ...validateEnum(spec.volumeMode, `${path}.volumeMode`, ['Block', 'Filesystem'], 'optional'),
    ...(spec.storageClassName
      ? validateName(isDns1123Subdomain, spec.storageClassName, `${path}.storageClassName`)
      : []),
    ...validateDataSources(spec, path),
  ];
}

/** `ValidatePersistentVolumeClaim`. */
export function validateClaim(claim: Object): Findings {
  return validateClaimSpec(claim.spec ?? {}, 'spec');
}

/** Binding may fill in the volume's name, and a class where none was named; a bound claim may grow. */
function fixedPart(spec: Spec, old: Spec): Spec {
  const { volumeName, resources, storageClassName, volumeAttributesClassName: _, ...rest } = spec;
  const bound = Boolean(old.volumeName);
  return {
    ...rest,
    ...(bound ? { volumeName } : { resources }),
    ...(old.storageClassName === undefined ? {} : { storageClassName }),
  };
}

function storageOf(amounts: { readonly [name: string]: string } | undefined): Quantity | undefined {
  const parsed = parseQuantity(amounts?.['storage'] ?? '');
  return parsed.ok ? parsed.value : undefined;
}

/** A claim may shrink back to what it has, not below. */
function validateShrinking(claim: Object, old: Object): Findings {
  const wanted = storageOf(claim.spec?.resources?.requests);
  const before = storageOf(old.spec?.resources?.requests);
  const present = storageOf(old.status?.capacity);
  if (wanted === undefined || before === undefined || compareQuantities(wanted, before) >= 0) return [];
  if (present !== undefined && compareQuantities(wanted, present) > 0) return [];
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

/** `ValidatePersistentVolumeClaimUpdate`. */
export function validateClaimUpdate(claim: Object, old: Object): Findings {
  const [spec, before] = [claim.spec ?? {}, old.spec ?? {}];
  const detail =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
  const same = semanticEqual(fixedPart(spec, before), fixedPart(before, before));
  return [...(same ? [] : [forbiddenField('spec', detail)]), ...(same ? validateShrinking(claim, old) : [])];
}
