import { own, type StructuralSchema } from '../structural/schema.ts';
import type { DeclaredSizes } from './estimate-cost.ts';
import { escapeName, resourceSchema } from './schema-values.ts';

const REQUEST = 3 * 1024 * 1024;
const TEXT_PER_REQUEST = REQUEST - 2;
/** Bytes of one character at most. */
const BYTES = 4;
/** Elements of values that nothing bounds by themselves: numbers, objects. */
const NONE = 0;

const TIMES: { readonly [format: string]: readonly [max: number, min: number] } = {
  duration: [32, 3],
  date: [12, 12],
  'date-time': [32, 21],
};

/** What a schema says of the sizes of its values. */
interface Declared {
  /** Elements, characters or bytes. */
  readonly max: number;
  /** Bytes of the smallest value in JSON. */
  readonly min: number;
  readonly field: (name: string) => Declared | undefined;
}

const nothing = (): undefined => undefined;
const leaf = (max: number, min: number): Declared => ({ max, min, field: nothing });
const KEY = leaf(NONE, 2);

function textSize({ maxLength, enum: values = [], format = '' }: StructuralSchema): Declared {
  const time = Object.hasOwn(TIMES, format) ? TIMES[format] : undefined;
  if (time !== undefined) return leaf(time[0], time[1]);
  const perCharacter = format === 'byte' ? 1 : BYTES;
  if (maxLength !== undefined) return leaf(Math.max(maxLength, 0) * perCharacter, 2);
  if (format === 'byte' || values.length === 0) return leaf(TEXT_PER_REQUEST, 2);
  const lengths = values.map((value) => (typeof value === 'string' ? value.length : 0));
  return leaf(Math.max(...lengths), 2);
}

function listSize({ items, maxItems }: StructuralSchema): Declared | undefined {
  const item = items && sizeOf(items);
  if (item === undefined) return undefined;
  const max = maxItems ?? Math.floor((REQUEST - 2) / (item.min + 1));
  return { max: Math.max(max, 0), min: 2, field: (name) => (name === '@items' ? item : undefined) };
}

function mapSize(values: StructuralSchema, maxProperties: number | undefined): Declared | undefined {
  const value = sizeOf(values);
  if (value === undefined) return undefined;
  const max = Math.max(maxProperties ?? Math.floor((REQUEST - 2) / (value.min + 6)), 0);
  const members: { readonly [name: string]: Declared } = { '@values': value, '@items': value, '@keys': KEY };
  return { max, min: 2, field: (name) => own(members, name) };
}

function objectSize(schema: StructuralSchema): Declared | undefined {
  const { properties = {}, additionalProperties: values, required = [] } = schema;
  if (typeof values === 'object') return mapSize(values, schema.maxProperties);
  const fields = new Map<string, Declared>();
  let min = 2;
  for (const [name, property] of Object.entries(properties)) {
    const size = sizeOf(property);
    const escaped = escapeName(name);
    if (size === undefined) continue;
    if (escaped !== undefined) fields.set(escaped, size);
    if (required.includes(name) && property.default === undefined) min += name.length + size.min + 4;
  }
  return { max: NONE, min, field: (name) => fields.get(name) };
}

function computeSize(schema: StructuralSchema): Declared | undefined {
  const { maxLength } = schema;
  if (schema['x-kubernetes-int-or-string'] === true) {
    return leaf(maxLength === undefined ? TEXT_PER_REQUEST : Math.max(maxLength, 0) * BYTES, 1);
  }
  const effective = schema['x-kubernetes-embedded-resource'] === true ? resourceSchema(schema) : schema;
  switch (schema.type) {
    case 'boolean':
      return leaf(NONE, 4);
    case 'integer':
    case 'number':
      return leaf(NONE, 1);
    case 'string':
      return textSize(schema);
    case 'array':
      return listSize(schema);
    case 'object':
      return objectSize(effective);
    default:
      return undefined;
  }
}

const known = new WeakMap<StructuralSchema, { readonly size: Declared | undefined }>();

function sizeOf(schema: StructuralSchema): Declared | undefined {
  const found = known.get(schema) ?? { size: computeSize(schema) };
  known.set(schema, found);
  return found.size;
}

/** The sizes that a schema declares, by paths from its `self`. */
export function declaredSizes(schema: StructuralSchema): DeclaredSizes {
  return ([, ...path]) => {
    const size = path.reduce<Declared | undefined>((at, name) => at?.field(name), sizeOf(schema));
    return size?.max;
  };
}

/** How often values of a schema fit into one request: the bound of what nothing else bounds. */
export function mostPerRequest(schema: StructuralSchema): number {
  return Math.floor(REQUEST / ((sizeOf(schema)?.min ?? 0) + 1));
}
