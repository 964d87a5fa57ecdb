import { toJson } from '../../machinery/cel/to-json.ts';
import { StructValue } from '../../machinery/cel/values.ts';

/** Type names of structs must tell where they are: `Object.spec.template` is the value of `template` in `Object.spec`. */
export function wrongTypeNames(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => wrongTypeNames(each, path));
  if (value instanceof Map) return [...value.values()].flatMap((each) => wrongTypeNames(each, path));
  if (!(value instanceof StructValue)) return [];
  const inner = [...value.fields].flatMap(([field, each]) => wrongTypeNames(each, `${path}.${field}`));
  if (value.name === path) return inner;
  const expected = `expected "${path}", which matches field name path from root Object type`;
  return [`unexpected type name "${value.name}", ${expected}`, ...inner];
}

/** One operation of a JSON patch that an expression has made. Throws CelError for values that JSON can't say. */
export function jsonOperation({ fields }: StructValue): { readonly [name: string]: unknown } {
  const { op = '', path = '', from, value } = Object.fromEntries(fields);
  return {
    op,
    path,
    ...(from === undefined || from === '' ? {} : { from }),
    ...(value === undefined ? {} : { value: toJson(value) }),
  };
}
