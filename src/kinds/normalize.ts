import { canonicalQuantity } from '../machinery/quantity.ts';
import { findSchema, referenceOf, resolveSchema, type Schema } from './schema.ts';

type Fields = { readonly [name: string]: unknown };
/** Rewrites a value, or returns the very same one where there is nothing to do. */
type Rewrite = (value: unknown) => unknown;

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const rewrites = new Map<string, Rewrite | undefined>();

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rewriteQuantity(value: unknown): unknown {
  return typeof value === 'string' || typeof value === 'number' ? (canonicalQuantity(value) ?? value) : value;
}

/** Copies only when something changes, so that a normal object costs no allocation. */
function rewriteFields(value: unknown, fields: readonly (readonly [string, Rewrite])[]): unknown {
  if (!isFields(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [name, rewrite] of fields) {
    const before = Object.hasOwn(value, name) ? value[name] : undefined;
    const after = rewrite(before);
    if (after === before) continue;
    copy ??= { ...value };
    copy[name] = after;
  }
  return copy ?? value;
}

function rewriteItems(value: unknown, rewrite: Rewrite): unknown {
  if (!Array.isArray(value)) return value;
  const items = value.map(rewrite);
  return items.every((item, position) => item === value[position]) ? value : items;
}

function rewriteEntries(value: unknown, rewrite: Rewrite): unknown {
  if (!isFields(value)) return value;
  return rewriteFields(
    value,
    Object.keys(value).map((name) => [name, rewrite] as const),
  );
}

function withDefault(schema: Schema, rewrite: Rewrite | undefined): Rewrite | undefined {
  const fallback = schema.default;
  if (fallback === undefined) return rewrite;
  return (value) => {
    const present = value === undefined || value === null ? fallback : value;
    return rewrite ? rewrite(present) : present;
  };
}

function compileObject(properties: { readonly [name: string]: Schema }): Rewrite | undefined {
  const fields = Object.entries(properties).flatMap(([name, schema]) => {
    const rewrite = withDefault(schema, compile(schema));
    return rewrite ? [[name, rewrite] as const] : [];
  });
  return fields.length === 0 ? undefined : (value) => rewriteFields(value, fields);
}

function compileShape(schema: Schema): Rewrite | undefined {
  if (schema.properties) return compileObject(schema.properties);
  if (schema.items) {
    const rewrite = withDefault(schema.items, compile(schema.items));
    return rewrite && ((value) => rewriteItems(value, rewrite));
  }
  if (typeof schema.additionalProperties !== 'object') return undefined;
  const rewrite = compile(schema.additionalProperties);
  return rewrite && ((value) => rewriteEntries(value, rewrite));
}

/** A schema that contains itself is looked up again at run time. */
function compileNamed(name: string): Rewrite | undefined {
  if (name === QUANTITY) return rewriteQuantity;
  if (rewrites.has(name)) return rewrites.get(name);
  rewrites.set(name, (value) => rewrites.get(name)?.(value) ?? value);
  rewrites.set(name, compileShape(resolveSchema(findSchema(name) ?? {})));
  return rewrites.get(name);
}

function compile(schema: Schema): Rewrite | undefined {
  const name = referenceOf(schema);
  return name === undefined ? compileShape(schema) : compileNamed(name);
}

/**
 * What upstream's decode and encode do to every object: fields with a default in the schema are
 * there (`status: {}`, `resources: {}`, a required name as ''), and quantities have their canonical
 * spelling (`1000m` is `1`). Idempotent; unchanged parts are shared with the argument.
 */
export function normalizeObject<T>(schema: string, object: T): T {
  return (compileNamed(schema)?.(object) ?? object) as T;
}
