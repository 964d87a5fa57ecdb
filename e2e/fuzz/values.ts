import type { Random } from './random.ts';

/** Schemas of the server's Swagger document, as far as values are made of them. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: { readonly [name: string]: Schema };
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
}

/** The schemas by their name. */
export type Definitions = { readonly [name: string]: Schema };

const TEXTS = [
  '',
  'a',
  'web',
  'default',
  'Wrong_Name',
  '../../etc/passwd',
  '\u0000',
  '💥\ud800',
  '10.42.0.7',
  '10.42.0.0/16',
  '100m',
  '-1Ei',
  '1e400',
  '2026-01-01T00:00:00Z',
  'not-a-time',
  'a=b,c in (d',
  '{{.}}',
  '$(A)',
  '__proto__',
  'constructor',
  'self.x == 1',
  '*/5 * * * *',
  'x'.repeat(5000),
  'TCP',
  'Always',
  'localhost:5000/hello:v1',
];
const NUMBERS = [0, 1, -1, 80, 65536, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1.5, 1e300, -0];
const KEYS = ['a', 'app', 'example.com/a', '', '__proto__', 'constructor', 'toString', 'x'.repeat(400), 'ключ', '.'];

/** Any JSON value, small more often than large. */
export function anyValue(random: Random, depth = 0): unknown {
  const form = random.below(depth > 5 ? 4 : 6);
  if (form === 0) return random.pick(TEXTS);
  if (form === 1) return random.pick(NUMBERS);
  if (form === 2) return random.chance(0.5);
  if (form === 3) return null;
  const count = random.below(4);
  if (form === 4) return Array.from({ length: count }, () => anyValue(random, depth + 1));
  return objectOf(Array.from({ length: count }, () => [random.pick(KEYS), anyValue(random, depth + 1)]));
}

/** Unlike `Object.fromEntries`, it has `__proto__` as a key like any other once it is written as JSON. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

/** How values are made of schemas. */
export interface Maker {
  readonly random: Random;
  readonly definitions: Definitions;
  /** How often a part isn't what its schema says. */
  readonly wrong: number;
  /** How many of an object's fields there are. */
  readonly share: number;
}

/** A value that follows its schema as closely as the maker does. */
export function makeValue(maker: Maker, schema: Schema, depth = 0): unknown {
  const { random, definitions, wrong } = maker;
  if (random.chance(wrong)) return anyValue(random);
  const { $ref, enum: choices, type, items } = schema;
  if ($ref !== undefined) return makeValue(maker, definitions[$ref.replace('#/definitions/', '')] ?? {}, depth);
  if (choices !== undefined) return random.pick(choices);
  switch (type) {
    case 'string':
      return makeText(random, schema.format ?? '');
    case 'integer':
    case 'number':
      return random.chance(wrong) ? random.pick(NUMBERS) : random.below(100);
    case 'boolean':
      return random.chance(0.5);
    case 'array':
      return Array.from({ length: random.below(depth > 6 ? 1 : 3) }, () => makeValue(maker, items ?? {}, depth + 1));
    default:
      return makeObject(maker, schema, depth);
  }
}

const FORMATS: { readonly [format: string]: readonly unknown[] } = {
  'int-or-string': [1, 80, '25%', 'http', -1],
  'date-time': ['2026-01-01T00:00:00Z', '1969-12-31T23:59:59Z', null],
  byte: ['', 'YQ==', 'AAEC'],
};

function makeText(random: Random, format: string): unknown {
  const choices = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  return random.pick(choices === undefined || random.chance(0.05) ? TEXTS : choices);
}

function makeObject(maker: Maker, schema: Schema, depth: number): unknown {
  const { random, share } = maker;
  const { properties, additionalProperties, required = [] } = schema;
  if (properties === undefined) {
    if (depth > 8) return {};
    const of = typeof additionalProperties === 'object' ? additionalProperties : {};
    const member = () => [random.pick(KEYS), makeValue(maker, of, depth + 1)] as const;
    return objectOf(Array.from({ length: random.below(3) }, member));
  }
  const isKept = (name: string) => required.includes(name) || random.chance(depth > 5 ? share / 4 : share);
  const kept = Object.entries(properties).filter(([name]) => isKept(name));
  return objectOf(kept.map(([name, of]) => [name, makeValue(maker, of, depth + 1)]));
}

/** The value with a part of it replaced or left out. */
export function changed(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) return anyValue(random);
  const keys = Object.keys(value);
  const key = random.pick(keys);
  if (key === undefined) return anyValue(random);
  if (Array.isArray(value)) return value.map((each, at) => (String(at) === key ? changed(random, each) : each));
  const gone = random.chance(0.2);
  return objectOf(
    Object.entries(value).flatMap(([name, part]): readonly [string, unknown][] =>
      name === key ? (gone ? [] : [[name, changed(random, part)]]) : [[name, part]],
    ),
  );
}
