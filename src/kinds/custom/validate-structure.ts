import type { FieldError } from '../../machinery/field-error.ts';
import { child, forbiddenField, invalidValue, key, required } from '../../machinery/field-path.ts';
import { compilePattern } from '../../machinery/go-pattern.ts';
import { own, type StructuralSchema } from '../../machinery/structural/schema.ts';
import type { Findings } from '../validation.ts';

type Level = 'root' | 'item' | 'field';

/** Children of a schema with their paths. */
function propertiesOf(
  schema: StructuralSchema,
  path: string,
): readonly (readonly [string, StructuralSchema, string])[] {
  const properties = child(path, 'properties');
  return Object.entries(schema.properties ?? {}).map(([name, each]) => [name, each, key(properties, name)]);
}

function alternativesOf(schema: StructuralSchema, path: string): readonly (readonly [StructuralSchema, string])[] {
  const listed = (['anyOf', 'allOf', 'oneOf'] as const).flatMap((name) =>
    (schema[name] ?? []).map((each, at) => [each, `${child(path, name)}[${at}]`] as const),
  );
  return schema.not === undefined ? listed : [...listed, [schema.not, child(path, 'not')] as const];
}

const INT_OR_STRING = JSON.stringify([{ type: 'integer' }, { type: 'string' }]);

function isIntOrString(anyOf: readonly StructuralSchema[] | undefined): boolean {
  return JSON.stringify(anyOf) === INT_OR_STRING;
}

/** The junctors that are checked: the two spellings of int-or-string are allowed to name types. */
function checkedAlternatives(schema: StructuralSchema, path: string) {
  const skipAnyOf = isIntOrString(schema.anyOf);
  const skipFirst = isIntOrString(schema.allOf?.[0]?.anyOf);
  const anyOf = child(path, 'anyOf');
  return alternativesOf(schema, path).flatMap(([each, at]): readonly (readonly [StructuralSchema, string])[] => {
    if (skipAnyOf && at.startsWith(`${anyOf}[`)) return [];
    if (!skipFirst || at !== `${child(path, 'allOf')}[0]`) return [[each, at]];
    const { anyOf: _, ...rest } = each;
    return [[rest, at]];
  });
}

function validatePattern({ pattern = '' }: StructuralSchema, path: string): Findings {
  const compiled = compilePattern(pattern);
  if (pattern === '' || compiled.ok) return [];
  const detail = `must be a valid regular expression, but isn't: ${compiled.message}`;
  return [invalidValue(child(path, 'pattern'), pattern, detail)];
}

const NESTED_EMPTY: readonly (readonly [string, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

function isSet(value: unknown): boolean {
  return value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
}

/** `validateNestedValueValidation`: below a junctor only values may be restricted. */
function validateNested(schema: StructuralSchema, path: string): Findings {
  const fields = schema as { readonly [name: string]: unknown };
  const metadata = own(schema.properties, 'metadata') !== undefined;
  const { items } = schema;
  return [
    ...validatePattern(schema, path),
    ...checkedAlternatives(schema, path).flatMap(([each, at]) => validateNested(each, at)),
    ...(items === undefined ? [] : validateNested(items, child(path, 'items'))),
    ...propertiesOf(schema, path).flatMap(([, each, at]) => validateNested(each, at)),
    ...NESTED_EMPTY.filter(([name]) => isSet(fields[name])).map(([name, detail]) =>
      forbiddenField(child(path, name), detail),
    ),
    ...(metadata
      ? [forbiddenField(key(child(path, 'properties'), 'metadata'), 'must not be specified in a nested context')]
      : []),
  ];
}

const EMPTY_TYPE: { readonly [level in Level]: string } = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function validateTypeName(schema: StructuralSchema, level: Level, path: string): Findings {
  const { type = '' } = schema;
  const at = child(path, 'type');
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const open = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields'];
  const found: FieldError[] = [];
  if (embedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    found.push(type === '' ? required(at, detail) : invalidValue(at, type, detail));
  } else if (type === '' && !open) found.push(required(at, EMPTY_TYPE[level]));
  if (level === 'root' && type !== '' && type !== 'object') {
    found.push(invalidValue(at, type, 'must be object at the root'));
  }
  return found;
}

function validateExtensions(schema: StructuralSchema, path: string): Findings {
  if (schema['x-kubernetes-int-or-string'] !== true) return [];
  const others = ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const;
  return others
    .filter((name) => schema[name] === true)
    .map((name) => invalidValue(child(path, name), true, 'must be false if x-kubernetes-int-or-string is true'));
}

/** The root's metadata may restrict names and nothing else. */
function validateRootMetadata(schema: StructuralSchema, path: string): Findings {
  const { type: _, properties = {}, description: __, default: ___, ...rest } = schema;
  const others = Object.keys(properties).filter((name) => name !== 'name' && name !== 'generateName');
  if (others.length === 0 && Object.keys(rest).length === 0) return [];
  const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  return [forbiddenField(path, detail)];
}

function validateMetaTypes(schema: StructuralSchema, level: Level, path: string): Findings {
  if (level !== 'root' && schema['x-kubernetes-embedded-resource'] !== true) return [];
  return propertiesOf(schema, path).flatMap(([name, { type = '' }, at]) => {
    const wanted = name === 'metadata' ? 'object' : name === 'kind' || name === 'apiVersion' ? 'string' : type;
    return type === wanted ? [] : [invalidValue(child(at, 'type'), type, `must be ${wanted}`)];
  });
}

function validateEmbedded(schema: StructuralSchema, path: string): Findings {
  if (schema['x-kubernetes-embedded-resource'] !== true) return [];
  const found: FieldError[] = [];
  if (schema.additionalProperties !== undefined) {
    const detail = 'must not be used if x-kubernetes-embedded-resource is set';
    found.push(forbiddenField(child(path, 'additionalProperties'), detail));
  }
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (!open && Object.keys(schema.properties ?? {}).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    found.push(required(child(path, 'properties'), detail));
  }
  return found;
}

function validateInvariants(schema: StructuralSchema, level: Level, path: string): Findings {
  const { items, additionalProperties: values } = schema;
  const metadata = level === 'root' ? own(schema.properties, 'metadata') : undefined;
  const rootValues = level === 'root' && values !== undefined;
  return [
    ...(schema.type === 'array' && items === undefined ? [required(child(path, 'items'), 'must be specified')] : []),
    ...(items === undefined ? [] : validateInvariants(items, 'item', child(path, 'items'))),
    ...propertiesOf(schema, path).flatMap(([, each, at]) => validateInvariants(each, 'field', at)),
    ...(rootValues ? [forbiddenField(child(path, 'additionalProperties'), 'must not be used at the root')] : []),
    ...(typeof values === 'object' ? validateInvariants(values, 'field', child(path, 'additionalProperties')) : []),
    ...validateExtensions(schema, path),
    ...validatePattern(schema, path),
    ...checkedAlternatives(schema, path).flatMap(([each, at]) => validateNested(each, at)),
    ...validateTypeName(schema, level, path),
    ...validateMetaTypes(schema, level, path),
    ...(metadata === undefined ? [] : validateRootMetadata(metadata, key(child(path, 'properties'), 'metadata'))),
    ...validateEmbedded(schema, path),
  ];
}

/** What is restricted below a junctor is also specified outside of it. */
function validateCovered(nested: StructuralSchema, from: string, schema: StructuralSchema, path: string): Findings {
  const { items } = nested;
  const missing = (at: string, because: string): Findings => [required(at, `because it is defined in ${because}`)];
  const itemsAt = child(path, 'items');
  const itemsFrom = child(from, 'items');
  return [
    ...alternativesOf(nested, from).flatMap(([each, at]) => validateCovered(each, at, schema, path)),
    ...(items === undefined
      ? []
      : schema.items === undefined
        ? missing(itemsAt, itemsFrom)
        : validateCovered(items, itemsFrom, schema.items, itemsAt)),
    ...propertiesOf(nested, from).flatMap(([name, each, because]) => {
      const at = key(child(path, 'properties'), name);
      const spine = own(schema.properties, name);
      return spine === undefined ? missing(at, because) : validateCovered(each, because, spine, at);
    }),
  ];
}

function validateCompleteness(schema: StructuralSchema, path: string): Findings {
  const { items, additionalProperties: values } = schema;
  return [
    ...alternativesOf(schema, path).flatMap(([each, at]) => validateCovered(each, at, schema, path)),
    ...(items === undefined ? [] : validateCompleteness(items, child(path, 'items'))),
    ...(typeof values === 'object' ? validateCompleteness(values, child(path, 'additionalProperties')) : []),
    ...propertiesOf(schema, path).flatMap(([, each, at]) => validateCompleteness(each, at)),
  ];
}

/** `ValidateStructural`: whether a schema is structural, in upstream's words and sorted as there. */
export function validateStructure(schema: StructuralSchema, path: string): Findings {
  const found = [...validateInvariants(schema, 'root', path), ...validateCompleteness(schema, path)];
  const text = ({ field, message }: FieldError): string => `${field}: ${message}`;
  return found.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}
