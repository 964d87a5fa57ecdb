import { semanticEqual } from '../machinery/deep.ts';
import { forbiddenField, index, invalidValue, key, notSupported, required } from '../machinery/field-path.ts';
import { parseQuantity } from '../machinery/quantity.ts';
import type { Draft, PersistentVolumeClaim, PersistentVolumeClaimSpec, Sparse } from './types.ts';
import { type Findings, validateEnum, validateLabelSelector } from './validation.ts';

type Object = Draft<PersistentVolumeClaim>;
type Spec = Sparse<PersistentVolumeClaimSpec>;

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function validateAccessModes(modes: readonly string[], path: string): Findings {
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

/** `ValidatePersistentVolumeClaimSpec`. */
export function validateClaimSpec(spec: Spec, path: string): Findings {
  return [
    ...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`),
    ...validateLabelSelector(spec.selector, `${path}.selector`),
    ...validateStorage(spec, path),
    ...validateEnum(spec.volumeMode, `${path}.volumeMode`, ['Block', 'Filesystem'], 'optional'),
  ];
}

/** `ValidatePersistentVolumeClaim`. */
export function validateClaim(claim: Object): Findings {
  return validateClaimSpec(claim.spec ?? {}, 'spec');
}

/** Binding may fill in the volume's name; a bound claim may grow. */
function fixedPart(spec: Spec, old: Spec): Spec {
  const { volumeName, resources, volumeAttributesClassName: _, ...rest } = spec;
  const bound = Boolean(old.volumeName);
  return { ...rest, ...(bound ? { volumeName } : {}), ...(bound ? {} : { resources }) };
}

/** `ValidatePersistentVolumeClaimUpdate`. */
export function validateClaimUpdate(claim: Object, old: Object): Findings {
  const [spec, before] = [claim.spec ?? {}, old.spec ?? {}];
  if (semanticEqual(fixedPart(spec, before), fixedPart(before, before))) return [];
  const detail =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
  return [forbiddenField('spec', detail)];
}
