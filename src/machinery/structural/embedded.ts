import type { FieldError } from '../field-error.ts';
import { child, index, invalidValue, key, required } from '../field-path.ts';
import { isDns1035Label } from '../names.ts';
import { type Fields, isFields, own, type StructuralSchema, valueSchema } from './schema.ts';

function validateText(value: unknown, path: string, check: (text: string) => readonly string[]): readonly FieldError[] {
  if (value === undefined) return [required(path)];
  if (typeof value !== 'string') return [invalidValue(path, value, 'must be a string')];
  if (value === '') return [invalidValue(path, value, 'must not be empty')];
  return check(value).map((detail) => invalidValue(path, value, detail));
}

function checkApiVersion(text: string): readonly string[] {
  return text.split('/').length > 2 ? [`unexpected GroupVersion string: ${text}`] : [];
}

function checkKind(text: string): readonly string[] {
  const wrong = isDns1035Label(text.toLowerCase());
  return wrong.length === 0 ? [] : [`may have mixed case, but should otherwise match: ${wrong.join(',')}`];
}

function validateType(value: Fields, path: string): readonly FieldError[] {
  return [
    ...validateText(own(value, 'apiVersion'), child(path, 'apiVersion'), checkApiVersion),
    ...validateText(own(value, 'kind'), child(path, 'kind'), checkKind),
  ];
}

function validateFields(value: Fields, schema: StructuralSchema, path: string): readonly FieldError[] {
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const property = own(schema.properties, name);
    const place = property ?? valueSchema(schema);
    if (place === undefined) return [];
    return validateEmbedded(member, place, property === undefined ? key(path, name) : child(path, name));
  });
  return isResource ? [...validateType(value, path), ...members] : members;
}

/** Resources inside an object say of which type they are: `x-kubernetes-embedded-resource`. */
export function validateEmbedded(value: unknown, schema: StructuralSchema, path = ''): readonly FieldError[] {
  const { items } = schema;
  if (Array.isArray(value)) {
    return items === undefined ? [] : value.flatMap((item, at) => validateEmbedded(item, items, index(path, at)));
  }
  return isFields(value) ? validateFields(value, schema, path) : [];
}
