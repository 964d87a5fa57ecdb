import type { FieldError } from '../../machinery/field-error.ts';
import { child, forbiddenField, invalidValue, key, notSupported, required } from '../../machinery/field-path.ts';
import { META_FIELDS, own, type StructuralSchema } from '../../machinery/structural/schema.ts';
import type { Findings } from '../validation.ts';
import { validateRuleTexts } from './validate-rule-texts.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Where a schema stands: whether and why defaults are not welcome, and whether it describes a resource's metadata. */
interface Surroundings {
  readonly noDefaults?: string;
  readonly insideMeta: boolean;
}

const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

function isGiven(value: unknown): boolean {
  if (value === undefined || value === '' || value === false) return false;
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
}

function validateWords(schema: StructuralSchema, path: string, { noDefaults, insideMeta }: Surroundings): Findings {
  const { type = '' } = schema;
  const fields = schema as { readonly [name: string]: unknown };
  const found: FieldError[] = [];
  if (type !== '' && !TYPES.includes(type)) found.push(notSupported(child(path, 'type'), type, TYPES));
  if (schema.default !== undefined && noDefaults !== undefined) {
    found.push(forbiddenField(child(path, 'default'), `must not be set ${noDefaults}`));
  }
  for (const name of UNSUPPORTED) {
    if (isGiven(fields[name])) found.push(forbiddenField(child(path, name), `${name} is not supported`));
  }
  if (Array.isArray(schema.items)) {
    found.push(forbiddenField(child(path, 'items'), 'items must be a schema object and not an array'));
  }
  if (insideMeta && schema['x-kubernetes-embedded-resource'] === true) {
    const at = child(path, 'x-kubernetes-embedded-resource');
    found.push(forbiddenField(at, 'must not be used inside of resource meta'));
  }
  if (schema.uniqueItems === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    found.push(forbiddenField(child(path, 'uniqueItems'), detail));
  }
  return found;
}

/** A type that an extension needs: required where none is given. */
function needsType(type: string, wanted: string, path: string, detail: string): Findings {
  const at = child(path, 'type');
  if (type === wanted) return [];
  return [type === '' ? required(at, detail) : invalidValue(at, type, detail)];
}

function validateMapType(schema: StructuralSchema, path: string): Findings {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return [];
  const detail = 'must be object if x-kubernetes-map-type is specified';
  const known = ['atomic', 'granular'];
  return [
    ...needsType(schema.type ?? '', 'object', path, detail),
    ...(known.includes(mapType) ? [] : [notSupported(child(path, 'x-kubernetes-map-type'), mapType, known)]),
  ];
}

function validateSetItems(items: StructuralSchema | undefined, path: string): Findings {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const name = items?.type === 'array' ? 'x-kubernetes-list-type' : 'x-kubernetes-map-type';
  if (items === undefined || (items.type !== 'array' && items.type !== 'object')) return [];
  const value = items[name];
  const fine = value === 'atomic' || (items.type === 'array' && value === undefined);
  return fine ? [] : [invalidValue(child(path, 'items', name), value, detail)];
}

function validateListKeys(schema: StructuralSchema, items: StructuralSchema, path: string): Findings {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const at = child(path, 'x-kubernetes-list-map-keys');
  const properties = child(path, 'items', 'properties');
  return keys.flatMap((name, position) => {
    const property = own(items.properties, name);
    const found: FieldError[] = [];
    if (property === undefined) found.push(invalidValue(at, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      found.push(invalidValue(child(key(properties, name), 'type'), items.type, detail));
    }
    if (keys.indexOf(name) !== position) found.push(invalidValue(at, keys, 'must not contain duplicate entries'));
    return [...found, ...(property === undefined ? [] : validateListKey(name, property, items, properties))];
  });
}

/** A key is always there and never null. */
function validateListKey(name: string, property: StructuralSchema, items: StructuralSchema, path: string): Findings {
  const certain = items.required?.includes(name) === true || property.default !== undefined;
  const inKeys = 'this property is in x-kubernetes-list-map-keys, so it';
  return [
    ...(certain
      ? []
      : [required(child(key(path, name), 'default'), `${inKeys} must have a default or be a required property`)]),
    ...(property.nullable === true
      ? [forbiddenField(child(key(path, name), 'nullable'), `${inKeys} cannot be nullable`)]
      : []),
  ];
}

function validateMapList(schema: StructuralSchema, path: string): Findings {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const { items } = schema;
  const empty = 'must not be empty if x-kubernetes-list-type is map';
  const found = keys.length === 0 ? [required(child(path, 'x-kubernetes-list-map-keys'), empty)] : [];
  if (items === undefined) {
    return [...found, required(child(path, 'items'), 'must have a schema if x-kubernetes-list-type is map')];
  }
  if (items.type === 'object') return [...found, ...validateListKeys(schema, items, path)];
  const detail = "must be object if parent array's x-kubernetes-list-type is map";
  return [...found, invalidValue(child(path, 'items', 'type'), items.type ?? '', detail)];
}

function validateListTypeName(schema: StructuralSchema, path: string): Findings {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === undefined) return [];
  const known = ['atomic', 'set', 'map'];
  const isSet = schema.type === 'array' && listType === 'set';
  const detail = 'must be array if x-kubernetes-list-type is specified';
  return [
    ...needsType(schema.type ?? '', 'array', path, detail),
    ...(isSet ? validateSetItems(schema.items, path) : []),
    ...(known.includes(listType) ? [] : [notSupported(child(path, 'x-kubernetes-list-type'), listType, known)]),
  ];
}

function validateListType(schema: StructuralSchema, path: string): Findings {
  const listType = schema['x-kubernetes-list-type'];
  const found: FieldError[] = [...validateListTypeName(schema, path)];
  if ((schema['x-kubernetes-list-map-keys'] ?? []).length > 0 && listType !== 'map') {
    const at = child(path, 'x-kubernetes-list-type');
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    found.push(listType === undefined ? required(at, detail) : invalidValue(at, listType, detail));
  }
  if (listType === 'map') found.push(...validateMapList(schema, path));
  if ((listType === 'map' || listType === 'set') && schema.items?.nullable === true) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    found.push(forbiddenField(child(path, 'items', 'nullable'), detail));
  }
  return found;
}

function validateValues(schema: StructuralSchema, path: string, around: Surroundings): Findings {
  const { additionalProperties: values, properties = {} } = schema;
  const at = child(path, 'additionalProperties');
  const both = Object.keys(properties).length > 0 && values !== undefined && values !== true;
  const reason = 'inside additionalProperties applying to object metadata';
  const inner = around.insideMeta ? { ...around, noDefaults: reason } : around;
  return [
    ...(both ? [forbiddenField(at, 'additionalProperties and properties are mutual exclusive')] : []),
    ...(typeof values === 'object' ? validateNode(values, at, inner) : []),
  ];
}

function validateProperties(schema: StructuralSchema, path: string, around: Surroundings, isRoot: boolean): Findings {
  const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true;
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const at = key(child(path, 'properties'), name);
    if (!isResource || !META_FIELDS.has(name)) return validateNode(property, at, around);
    const noDefaults = isRoot ? { noDefaults: `in top-level ${name}` } : {};
    return validateNode(property, at, { ...around, ...noDefaults, insideMeta: true });
  });
}

function validateJunctors(schema: StructuralSchema, path: string, around: Surroundings): Findings {
  const listed = (['allOf', 'oneOf', 'anyOf'] as const).flatMap((name) =>
    (schema[name] ?? []).flatMap((each, at) => validateNode(each, `${child(path, name)}[${at}]`, around)),
  );
  return schema.not === undefined ? listed : [...validateNode(schema.not, child(path, 'not'), around), ...listed];
}

function validateNode(schema: StructuralSchema, path: string, around: Surroundings, isRoot = false): Findings {
  const keeps = schema['x-kubernetes-preserve-unknown-fields'];
  const { items } = schema;
  return [
    ...validateWords(schema, path, around),
    ...validateValues(schema, path, around),
    ...validateProperties(schema, path, around, isRoot),
    ...validateJunctors(schema, path, around),
    ...(items === undefined || Array.isArray(items) ? [] : validateNode(items, child(path, 'items'), around)),
    ...(keeps === false
      ? [invalidValue(child(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined')]
      : []),
    ...validateMapType(schema, path),
    ...validateListType(schema, path),
    ...validateRuleTexts(schema, path),
  ];
}

/** `ValidateCustomResourceDefinitionOpenAPISchema`, apart from compiling the rules. */
export function validateSchema(schema: StructuralSchema, path: string): Findings {
  return validateNode(schema, path, { insideMeta: false }, true);
}
