import { deepEqual } from '../deep.ts';
import type { FieldError } from '../field-error.ts';
import { invalidValue, notSupported, required, tooLong, tooMany, typeInvalid } from '../field-path.ts';
import { goQuote } from '../go-format.ts';
import { compilePattern } from '../go-pattern.ts';
import { correlateFields, correlateItems } from './correlate.ts';
import { hasFormat } from './formats.ts';
import { type Fields, isFields, own, type StructuralSchema, valueSchema } from './schema.ts';

type Findings = readonly FieldError[];

/** A value at a place; `old` is what stood there before, where that can be told. */
interface Place {
  readonly value: unknown;
  readonly old: unknown;
  readonly schema: StructuralSchema;
  readonly path: string;
}

const NONE: Findings = [];

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function typesOf(schema: StructuralSchema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return schema.type ? [schema.type] : [];
}

/** The words of kube-openapi: `spec.replicas in body must be of type integer: "string"`. */
function typeError(path: string, wanted: string, found: unknown): FieldError {
  const shown = typeof found === 'string' ? goQuote(found) : String(found);
  const subject = path === '' ? '' : `${path} `;
  return typeInvalid(path, found, `${subject}in body must be of type ${wanted}: ${shown}`);
}

function validateType({ value, schema, path }: Place): Findings {
  const types = typesOf(schema);
  const found = jsonType(value);
  if (found === 'null') {
    if (schema.nullable === true || types.length === 0) return NONE;
    return [typeError(path, types.join(','), 'null')];
  }
  if (types.length === 0 || types.includes(found)) return NONE;
  if (found === 'integer' && types.includes('number')) return NONE;
  return [typeError(path, types.join(','), found)];
}

function fault({ path, value }: Place, sentence: string, shown: unknown = value): FieldError {
  return invalidValue(path, shown, `${path === '' ? '' : `${path} `}in body ${sentence}`);
}

function validateString(place: Place, value: string): Findings {
  const { schema, path } = place;
  const { maxLength, minLength = 0, pattern = '', format = '' } = schema;
  const length = maxLength === undefined && minLength === 0 ? 0 : [...value].length;
  const found: FieldError[] = [];
  if (maxLength !== undefined && length > maxLength) found.push(tooLong(path, maxLength));
  if (length < minLength) found.push(fault(place, `should be at least ${minLength} chars long`));
  const compiled = pattern === '' ? undefined : compilePattern(pattern);
  if (compiled?.ok && !compiled.value.test(value)) {
    found.push(fault(place, `should match '${pattern}'`));
  }
  if (format !== '' && !hasFormat(value, format)) found.push(typeError(path, format, value));
  return found;
}

function validateNumber(place: Place, value: number): Findings {
  const { maximum, exclusiveMaximum, minimum, exclusiveMinimum, multipleOf } = place.schema;
  const found: FieldError[] = [];
  if (multipleOf && !Number.isInteger(value / multipleOf)) {
    found.push(fault(place, `should be a multiple of ${multipleOf}`));
  }
  if (maximum !== undefined && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    found.push(fault(place, `should be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`));
  }
  if (minimum !== undefined && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    found.push(fault(place, `should be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`));
  }
  return found;
}

function validateItems(place: Place, list: readonly unknown[]): Findings {
  const { schema, path, old } = place;
  const { minItems = 0, maxItems, items } = schema;
  const found: FieldError[] = [];
  if (list.length < minItems) found.push(fault(place, `should have at least ${minItems} items`, list.length));
  if (maxItems !== undefined && list.length > maxItems) found.push(tooMany(path, list.length, maxItems));
  if (items === undefined) return found;
  const correlate = correlateItems(old, schema);
  list.forEach((value, position) => {
    found.push(...validateAt({ value, old: correlate(position, value), schema: items, path: `${path}[${position}]` }));
  });
  return found;
}

function fieldPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function validateFields(place: Place, value: Fields): Findings {
  const { schema, path, old } = place;
  const { minProperties = 0, maxProperties, properties } = schema;
  const names = Object.keys(value);
  const found: FieldError[] = [];
  if (names.length < minProperties) {
    found.push(fault(place, `should have at least ${minProperties} properties`, names.length));
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    found.push(tooMany(path, names.length, maxProperties));
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) found.push(required(fieldPath(path, name)));
  }
  const correlate = correlateFields(old, schema);
  for (const name of names) {
    const member = own(properties, name) ?? valueSchema(schema);
    if (member === undefined) continue;
    const inner = { value: value[name], old: correlate(name, value[name]), schema: member };
    found.push(...validateAt({ ...inner, path: fieldPath(path, name) }));
  }
  return found;
}

function validateEnum({ value, schema, path }: Place): Findings {
  const { enum: allowed } = schema;
  if (allowed === undefined || allowed.length === 0) return NONE;
  if (value === null && schema.nullable === true) return NONE;
  if (allowed.some((each) => deepEqual(each, value))) return NONE;
  const shown = allowed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  return [notSupported(path, value, shown)];
}

/** Findings of an alternative. What is inside has no history: only the whole may be excused. */
function alternative({ value, path }: Place, schema: StructuralSchema): Findings {
  return validateAt({ value, old: undefined, schema, path });
}

function fewest(results: readonly Findings[]): Findings {
  return results.reduce((best, each) => (each.length < best.length ? each : best));
}

/** Composite errors belong to no field in upstream's answers; the sentence names it. */
function composite(sentence: string, path: string): FieldError {
  return invalidValue('', '', `${goQuote(path)} ${sentence}`);
}

function validateAnyOf(place: Place): Findings {
  const results = (place.schema.anyOf ?? []).map((schema) => alternative(place, schema));
  if (results.length === 0 || results.some((each) => each.length === 0)) return NONE;
  return [composite('must validate at least one schema (anyOf)', place.path), ...fewest(results)];
}

function validateOneOf(place: Place): Findings {
  const results = (place.schema.oneOf ?? []).map((schema) => alternative(place, schema));
  const valid = results.filter((each) => each.length === 0).length;
  if (results.length === 0 || valid === 1) return NONE;
  const sentence = 'must validate one and only one schema (oneOf).';
  if (valid > 1) return [composite(`${sentence} Found ${valid} valid alternatives`, place.path)];
  return [composite(`${sentence} Found none valid`, place.path), ...fewest(results)];
}

function validateAllOf(place: Place): Findings {
  const results = (place.schema.allOf ?? []).map((schema) => alternative(place, schema));
  const failed = results.filter((each) => each.length > 0);
  if (failed.length === 0) return NONE;
  const none = failed.length === results.length ? '. None validated' : '';
  return [...failed.flat(), composite(`must validate all the schemas (allOf)${none}`, place.path)];
}

function validateNot(place: Place): Findings {
  const { not } = place.schema;
  if (not === undefined || alternative(place, not).length > 0) return NONE;
  return [composite('must not validate the schema (not)', place.path)];
}

function validateShape(place: Place): Findings {
  const { value } = place;
  if (typeof value === 'string') return validateString(place, value);
  if (typeof value === 'number') return validateNumber(place, value);
  if (Array.isArray(value)) return validateItems(place, value);
  return isFields(value) ? validateFields(place, value) : NONE;
}

function validateAt(place: Place): Findings {
  const { value, old } = place;
  // What was there before and hasn't changed is never in the way (validation ratcheting).
  if (old !== undefined && deepEqual(old, value)) return NONE;
  if (value === null) return [...validateType(place), ...validateEnum(place)];
  return [
    ...validateType(place),
    ...validateNot(place),
    ...validateAnyOf(place),
    ...validateOneOf(place),
    ...validateAllOf(place),
    ...validateShape(place),
    ...validateEnum(place),
  ];
}

/**
 * Checks a value by a schema, in upstream's words. Faults in parts that equal their old version are passed over.
 * Never throws.
 */
export function validateValue(
  value: unknown,
  schema: StructuralSchema,
  options: { readonly old?: unknown; readonly path?: string } = {},
): readonly FieldError[] {
  return validateAt({ value, old: options.old, schema, path: options.path ?? '' });
}
