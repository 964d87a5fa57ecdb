import { type Parsed, parsed, unparsable } from '../../machinery/parsed.ts';
import { own, type StructuralSchema } from '../../machinery/structural/schema.ts';

/** A path that a rule or a selectable field names, checked by the schema. */
export interface SchemaPath {
  /** As field errors print it. */
  readonly text: string;
  /** Its first step. */
  readonly root: string;
  readonly schema: StructuralSchema;
}

const TOKEN = /\.([^.[\]]+)|\[('(?:\\.|[^'\\])*')\]/gy;
const ESCAPES: { readonly [letter: string]: string } = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

function step(place: SchemaPath, name: string): SchemaPath | undefined {
  const { schema, text } = place;
  const root = text === '' ? name : place.root;
  if (schema.properties !== undefined) {
    const property = own(schema.properties, name);
    return property && { root, text: text === '' ? name : `${text}.${name}`, schema: property };
  }
  const values = schema.additionalProperties;
  return typeof values === 'object' ? { root, text: `${text}[${name}]`, schema: values } : undefined;
}

/** `cel.ValidFieldPath`: `.spec.hosts` or `.labels['a.b']` below the schema. Failure texts are upstream's. */
export function schemaPathOf(path: string, schema: StructuralSchema, arrays = true): Parsed<SchemaPath> {
  let place: SchemaPath = { text: '', root: '', schema };
  TOKEN.lastIndex = 0;
  for (let at = 0; at < path.length; at = TOKEN.lastIndex) {
    const [, name, quoted] = TOKEN.exec(path) ?? [];
    if (quoted !== undefined && !arrays) return unparsable('array notation is not allowed');
    const wanted = name ?? (quoted === undefined ? undefined : unquote(quoted));
    if (wanted === undefined) return unparsable(`expected [ or . but got: ${path.slice(at)}`);
    const next = step(place, wanted);
    if (next === undefined) return unparsable('does not refer to a valid field');
    place = next;
  }
  return parsed(place);
}
