import { semanticEqual } from '../machinery/deep.ts';
import { forbiddenField } from '../machinery/field-path.ts';
import type { Findings } from './validation.ts';

/** Largest total of a ConfigMap's or Secret's values, in bytes: 1 MiB. */
export const MAX_DATA_BYTES = 1_048_576;

type Immutable = { readonly immutable?: boolean };

const WHEN_SET = 'field is immutable when `immutable` is set';

/** What stays as it is once a ConfigMap or Secret says that it is immutable. */
export function validateImmutableData<T extends Immutable>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): Findings {
  if (old.immutable !== true) return [];
  return [
    ...(object.immutable === true ? [] : [forbiddenField('immutable', WHEN_SET)]),
    ...fields
      .filter((field) => !semanticEqual(object[field], old[field]))
      .map((field) => forbiddenField(field, WHEN_SET)),
  ];
}
