// For tests only, of this layer and of those above: nothing that ships imports it.

import fc from 'fast-check';
import type { KubernetesObject } from '../machinery/object.ts';
import { resolveSchema, type Schema } from './schema.ts';

const METADATA = fc.record(
  {
    name: fc.constantFrom('example', 'other', 'Not A Name'),
    namespace: fc.constantFrom('default', 'other'),
    labels: fc.dictionary(fc.constantFrom('app', 'x/y', 'bad key'), fc.constantFrom('example', '', '!'), {
      maxKeys: 2,
    }),
    creationTimestamp: fc.constant('2026-01-01T00:00:00Z'),
    deletionTimestamp: fc.constant('2026-01-01T00:01:00Z'),
  },
  { requiredKeys: [] },
);
const STRINGS = fc.constantFrom(
  '',
  'a',
  'A/b..',
  '10%',
  '1Gi',
  '2026-01-01T00:00:00Z',
  'Always',
  'ClientIP',
  '__proto__',
);
const NUMBERS = fc.constantFrom(-1, 0, 1, 80, 65_536);
/** Deeper objects of the schema are left out, so that trees stay small. */
const MAX_DEPTH = 7;

/** Scalars in the form that their place asks for; undefined where any will do. */
function soundScalar(schema: Schema): fc.Arbitrary<unknown> | undefined {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.format === 'date-time') return fc.constant('2026-01-01T00:00:00Z');
  if (schema.format === 'byte') return fc.constant('YQ==');
  if (schema.oneOf && schema.format !== 'int-or-string') return fc.constantFrom('1', '250m', '2Gi');
  return undefined;
}

function scalar(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum, 'Wrong');
  if (schema.oneOf) return fc.oneof(STRINGS, NUMBERS);
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return NUMBERS;
    case 'string':
      return STRINGS;
    default:
      return fc.constant({});
  }
}

function properties(schema: Schema, depth: number, sound: boolean): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => {
    const arbitrary = name === 'metadata' ? METADATA : arbitraryOf(each, depth + 1, sound);
    return arbitrary ? [[name, arbitrary] as const] : [];
  });
  // Scalars half of the time, anything larger more seldom the deeper it is: whole pods, but small trees.
  const optional = fields.map(
    ([name, arbitrary]) => [name, fc.option(arbitrary, { nil: undefined, freq: 2 })] as const,
  );
  return fc
    .record(Object.fromEntries(optional))
    .map((object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)));
}

function arbitraryOf(given: Schema, depth: number, sound: boolean): fc.Arbitrary<unknown> | undefined {
  const schema = resolveSchema(given);
  if (depth > MAX_DEPTH) return undefined;
  if (schema.properties) return properties(schema, depth, sound);
  const nested =
    schema.items ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
  if (!nested) return (sound ? soundScalar(schema) : undefined) ?? scalar(schema);
  const each = arbitraryOf(nested, depth + 1, sound);
  if (!each) return undefined;
  return schema.items
    ? fc.array(each, { maxLength: 2 })
    : fc.dictionary(STRINGS, each, { maxKeys: 2, noNullPrototype: true });
}

/**
 * Any object that the schema's types allow; fields that it requires may be missing. A sound one can be decoded: its
 * times, quantities and bytes are some.
 */
export function objectOf(schema: string, { sound = false } = {}): fc.Arbitrary<KubernetesObject> {
  const arbitrary = arbitraryOf({ $ref: `#/components/schemas/${schema}` }, 0, sound) ?? fc.constant({});
  return arbitrary as fc.Arbitrary<KubernetesObject>;
}
