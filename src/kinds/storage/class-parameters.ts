import { invalidValue, required, tooLong } from '../../machinery/field-path.ts';
import { isQualifiedName } from '../../machinery/names.ts';
import { utf8Length } from '../base64.ts';
import { type Findings, validateName } from '../validation.ts';

type Parameters = { readonly [name: string]: string } | undefined;

const MAX_BYTES = 256 * 1024;
const MAX_COUNT = 512;

/** `validateProvisioner`: the name of a driver. */
export function validateProvisioner(name: string | undefined, path: string): Findings {
  return name ? validateName(isQualifiedName, name.toLowerCase(), path) : [required(path)];
}

/** `validateParameters`; some classes need at least one. */
export function validateParameters(parameters: Parameters, path: string, empty: 'fine' | 'refused'): Findings {
  const pairs = Object.entries(parameters ?? {});
  if (pairs.length > MAX_COUNT) return [tooLong(path, MAX_COUNT)];
  const bytes = pairs.reduce((sum, [name, value]) => sum + utf8Length(name) + utf8Length(value), 0);
  const missing = empty === 'refused' && pairs.length === 0;
  return [
    ...pairs.filter(([name]) => name === '').map(([name]) => invalidValue(path, name, 'field can not be empty.')),
    ...(bytes > MAX_BYTES ? [tooLong(path, MAX_BYTES)] : []),
    ...(missing ? [required(path, 'must contain at least one key/value pair')] : []),
  ];
}
