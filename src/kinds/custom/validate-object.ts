import type { FieldError } from '../../machinery/field-error.ts';
import { invalidValue } from '../../machinery/field-path.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { validateEmbedded } from '../../machinery/structural/embedded.ts';
import { validateListTypes } from '../../machinery/structural/list-types.ts';
import { isFields, type StructuralSchema } from '../../machinery/structural/schema.ts';
import { validateValue } from '../../machinery/structural/validate-value.ts';
import type { ScalePaths } from '../definition.ts';
import { type Findings, MAX_INT32 } from '../validation.ts';
import type { RulesCheck } from './rules.ts';

/** What objects of a custom kind are checked by. */
export interface ObjectRules {
  readonly schema: StructuralSchema;
  readonly scale?: ScalePaths;
  readonly rules: RulesCheck;
}

/** What a path of names leads to; undefined where it ends early. */
export function valueAt(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    object,
  );
}

function validateReplicas(object: KubernetesObject, path: readonly string[]): Findings {
  const value = valueAt(object, path);
  const field = `.${path.join('.')}`;
  if (value === undefined) return [];
  if (typeof value !== 'number') {
    return [
      invalidValue(
        field,
        0,
        `${field} accessor error: ${JSON.stringify(value)} is of the type ${typeof value}, expected int64`,
      ),
    ];
  }
  if (value < 0) return [invalidValue(field, value, 'should be a non-negative integer')];
  return value > MAX_INT32 ? [invalidValue(field, value, `should be less than or equal to ${MAX_INT32}`)] : [];
}

function validateScale(object: KubernetesObject, scale: ScalePaths | undefined): Findings {
  if (scale === undefined) return [];
  return [...validateReplicas(object, scale.specReplicas), ...validateReplicas(object, scale.statusReplicas)];
}

const BLOCKING: readonly FieldError['type'][] = [
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
];
const UNCHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Rules are only asked about objects of the right types and sizes. */
function withRules(found: Findings, check: () => Findings): Findings {
  const blocked = found.some(({ type }) => BLOCKING.includes(type));
  return blocked ? [...found, invalidValue('', 'null', UNCHECKED)] : [...found, ...check()];
}

/** Checks a new object of a custom kind. */
export function validateObject({ schema, scale, rules }: ObjectRules, object: KubernetesObject): Findings {
  const found = [
    ...validateValue(object, schema),
    ...validateScale(object, scale),
    ...validateEmbedded(object, schema),
    ...validateListTypes(object, schema),
  ];
  return withRules(found, () => rules(object, undefined));
}

/** Checks a new version; what is as it was is not in the way. */
export function validateObjectUpdate(
  { schema, scale, rules }: ObjectRules,
  object: KubernetesObject,
  old: KubernetesObject,
): Findings {
  const ratcheted = validateListTypes(old, schema).length > 0;
  const found = [
    ...validateValue(object, schema, { old }),
    ...validateScale(object, scale),
    ...validateEmbedded(object, schema),
    ...(ratcheted ? [] : validateListTypes(object, schema)),
  ];
  return withRules(found, () => rules(object, old));
}
