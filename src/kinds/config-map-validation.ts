import { invalidValue, key, tooLong } from '../machinery/field-path.ts';
import { isConfigMapKey } from '../machinery/names.ts';
import { decodedLength, utf8Length } from './base64.ts';
import { MAX_DATA_BYTES, validateImmutableData } from './data-validation.ts';
import type { ConfigMap, Draft } from './types.ts';
import { type Findings, validateName } from './validation.ts';

type Object = Draft<ConfigMap>;

function validateTextKey(name: string, binary: NonNullable<Object['binaryData']>): Findings {
  const path = key('data', name);
  const twice = Object.hasOwn(binary, name) ? [invalidValue(path, name, 'duplicate of key present in binaryData')] : [];
  return [...validateName(isConfigMapKey, name, path), ...twice];
}

/** `ValidateConfigMap`. */
export function validateConfigMap(object: Object): Findings {
  const { data = {}, binaryData = {} } = object;
  const text = Object.values(data).reduce((sum, value) => sum + utf8Length(value), 0);
  const size = Object.values(binaryData).reduce((sum, value) => sum + decodedLength(value), text);
  return [
    ...Object.keys(data).flatMap((name) => validateTextKey(name, binaryData)),
    ...Object.keys(binaryData).flatMap((name) => validateName(isConfigMapKey, name, key('binaryData', name))),
    // Upstream means the whole object, and prints its empty path like this.
    ...(size > MAX_DATA_BYTES ? [tooLong('[]', MAX_DATA_BYTES)] : []),
  ];
}

/** `ValidateConfigMapUpdate`. */
export function validateConfigMapUpdate(object: Object, old: Object): Findings {
  return validateImmutableData(object, old, ['data', 'binaryData']);
}
