import { deepEqual } from '../../machinery/deep.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import {
  child,
  duplicate,
  forbiddenField,
  index,
  invalidValue,
  key,
  required,
  tooMany,
} from '../../machinery/field-path.ts';
import { validateListTypes } from '../../machinery/structural/list-types.ts';
import { pruneStructural } from '../../machinery/structural/prune.ts';
import type { StructuralSchema } from '../../machinery/structural/schema.ts';
import { validateValue } from '../../machinery/structural/validate-value.ts';
import { validateEach } from '../each.ts';
import type { Findings } from '../validation.ts';
import { schemaPathOf } from './field-path-of.ts';
import type { CustomColumn, CustomScale, CustomVersion } from './types.ts';
import { validateRules } from './validate-rules.ts';
import { validateSchema } from './validate-schema.ts';
import { validateStructure } from './validate-structure.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MAX_SELECTABLE_FIELDS = 8;
/** Spellings of Go's field names, which the sentence about the root lists. */
const ROOT_FIELDS =
  '[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]';
const NOT_AT_ROOT = ['nullable', 'allOf', 'oneOf', 'anyOf', 'not', 'enum', 'default', 'additionalProperties'];

function validateSimplePath(path: string, field: string): Findings {
  return path.startsWith('.') ? [] : [invalidValue(field, path, 'must be a simple json path starting with .')];
}

function validateColumn({ name = '', type = '', format = '', jsonPath = '' }: CustomColumn, path: string): Findings {
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  const found: FieldError[] = [];
  if (name === '') found.push(required(child(path, 'name')));
  if (type === '') found.push(required(child(path, 'type'), types));
  else if (!COLUMN_TYPES.includes(type)) found.push(invalidValue(child(path, 'type'), type, types));
  if (format !== '' && !COLUMN_FORMATS.includes(format)) {
    found.push(invalidValue(child(path, 'format'), format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  }
  const at = child(path, 'JSONPath');
  return [...found, ...(jsonPath === '' ? [required(at)] : validateSimplePath(jsonPath, at))];
}

function validateScalePath(value: string, field: string, below: string): Findings {
  const simple = validateSimplePath(value, field);
  if (simple.length > 0) return simple;
  if (value.startsWith(`.${below}.`)) return [];
  return [invalidValue(field, value, `should be a json path under .${below}`)];
}

function validateScale(scale: CustomScale, path: string): Findings {
  const at = (name: string): string => child(path, 'subresources', `scale.${name}`);
  const needed = (value: string | undefined, name: string, below: string): Findings =>
    value ? validateScalePath(value, at(name), below) : [required(at(name))];
  const { labelSelectorPath: labels = '' } = scale;
  return [
    ...needed(scale.specReplicasPath, 'specReplicasPath', 'spec'),
    ...needed(scale.statusReplicasPath, 'statusReplicasPath', 'status'),
    ...(labels === '' ? [] : validateScalePath(labels, at('labelSelectorPath'), 'status')),
  ];
}

function validateSelectable(version: CustomVersion, schema: StructuralSchema, path: string): Findings {
  const { selectableFields = [] } = version;
  const seen = new Set<string>();
  const each = validateEach(selectableFields, path, ({ jsonPath = '' }, item) => {
    const at = child(item, 'jsonPath');
    if (jsonPath === '') return [required(at)];
    const found = schemaPathOf(jsonPath, schema, false);
    if (!found.ok) return [invalidValue(at, jsonPath, `is an invalid path: ${found.message}`)];
    const { text, root, schema: target } = found.value;
    const twice = seen.has(text);
    seen.add(text);
    const scalar = ['string', 'boolean', 'integer'].includes(target.type ?? '');
    const wrong =
      'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
    return [
      ...(root === 'metadata' ? [invalidValue(at, jsonPath, 'must not point to fields in metadata')] : []),
      ...(scalar ? [] : [invalidValue(at, jsonPath, wrong)]),
      ...(twice ? [duplicate(at, jsonPath)] : []),
    ];
  });
  return seen.size > MAX_SELECTABLE_FIELDS ? [...each, tooMany(path, seen.size, MAX_SELECTABLE_FIELDS)] : each;
}

function validateDefault(schema: StructuralSchema, path: string): Findings {
  const value = schema.default;
  if (value === undefined) return [];
  const at = child(path, 'default');
  const root = schema['x-kubernetes-embedded-resource'] === true;
  const clean = deepEqual(pruneStructural(value, schema, { root }).value, value);
  return [
    ...(clean ? [] : [invalidValue(at, value, 'must not have unknown fields')]),
    ...validateValue(value, schema, { path: at }),
    ...validateListTypes(value, schema, at),
  ];
}

/** Every default is a value that the schema would take. */
function validateDefaults(schema: StructuralSchema, path: string): Findings {
  return [
    ...validateDefault(schema, path),
    ...(schema.items === undefined ? [] : validateDefaults(schema.items, child(path, 'items'))),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      validateDefaults(property, key(child(path, 'properties'), name)),
    ),
  ];
}

function validateRoot(schema: StructuralSchema, hasStatus: boolean, path: string): Findings {
  const found: FieldError[] = [];
  if (hasStatus && schema.type && schema.type !== 'object') {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    found.push(invalidValue(`${path}.type`, schema.type, detail));
  } else if (hasStatus && NOT_AT_ROOT.some((name) => Object.hasOwn(schema, name))) {
    const detail = `only ${ROOT_FIELDS} fields are allowed at the root of the schema if the status subresource is enabled`;
    found.push(invalidValue(path, schema, detail));
  }
  if (schema.nullable === true) found.push(forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root'));
  return found;
}

function validateVersionSchema(schema: StructuralSchema, hasStatus: boolean, path: string): Findings {
  const structure = validateStructure(schema, path);
  const defaults = structure.length > 0 ? [] : validateDefaults(schema, path);
  const words = validateSchema(schema, path);
  const found = [...validateRoot(schema, hasStatus, path), ...structure, ...defaults, ...words];
  // Expressions are compiled against types, which only a sound schema has.
  return found.length > 0 ? found : validateRules(schema, path);
}

function validateDeprecation(
  { deprecated = false, deprecationWarning: warning }: CustomVersion,
  path: string,
): Findings {
  if (warning === undefined) return [];
  const wrong = (detail: string): Findings => [invalidValue(child(path, 'deprecationWarning'), warning, detail)];
  if (!deprecated) return wrong('can only be set for deprecated versions');
  if (warning.length > 256) return wrong('must be <= 256 characters long');
  if (warning === '') return wrong('must not be an empty string');
  const at = warning.search(/[\p{C}\p{Zl}\p{Zp}]/u);
  const detail = 'must only contain printable UTF-8 characters; non-printable character found at index';
  return at < 0 ? [] : wrong(`${detail} ${at}`);
}

/** `validateCustomResourceDefinitionVersion`. */
export function validateVersion(version: CustomVersion, path: string): Findings {
  const { schema: holder, subresources = {}, additionalPrinterColumns: columns } = version;
  const schema = holder?.openAPIV3Schema;
  const at = child(path, 'schema', 'openAPIV3Schema');
  return [
    ...validateDeprecation(version, path),
    ...(schema === undefined ? [] : validateVersionSchema(schema, subresources.status !== undefined, at)),
    ...(subresources.scale === undefined ? [] : validateScale(subresources.scale, path)),
    ...validateEach(columns, child(path, 'additionalPrinterColumns'), validateColumn),
    ...(schema === undefined ? [] : validateSelectable(version, schema, child(path, 'selectableFields'))),
  ];
}

/** The findings of every version, and those about their schemas being there at all. */
export function validateVersions(versions: readonly CustomVersion[], path: string): Findings {
  return [
    ...versions.flatMap(({ schema }, at) =>
      schema?.openAPIV3Schema === undefined ? [required(child(index(path, at), 'schema', 'openAPIV3Schema'))] : [],
    ),
    ...validateEach(versions, path, validateVersion),
  ];
}
