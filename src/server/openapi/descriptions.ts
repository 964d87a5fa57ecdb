import { TYPE_FIELDS } from '../../kinds/custom/published-schema.ts';

/** What types and their fields are for, by the name of the schema; the type itself stands under ''. */
export type Descriptions = { readonly [schema: string]: { readonly [field: string]: string } };

/** Where descriptions come from: read for each document that is rendered, as nobody needs them in between. */
export interface DescriptionSource {
  /** Another one when they say something else. */
  readonly version: string;
  read(): Promise<Descriptions>;
}

/** No descriptions, as when running from sources. */
export const UNDESCRIBED: DescriptionSource = { version: '', read: async () => ({}) };

type Json = { readonly [key: string]: unknown };

/** A schema with its descriptions, in the form in which OpenAPI 3.0 can say more of a reference than where it points. */
export function describeSchema(schema: object, texts: Descriptions[string] = {}): object {
  const { properties, ...rest } = schema as Json & { readonly properties?: { readonly [name: string]: Json } };
  const own = { ...described(texts['']), ...referring(rest) };
  if (properties === undefined) return own;
  const fields = Object.entries(properties).map(([name, field]) => [name, describeField(name, field, texts)]);
  return { ...own, properties: Object.fromEntries(fields) };
}

function describeField(name: string, field: Json, texts: Descriptions[string]): object {
  const ofType = Object.hasOwn(TYPE_FIELDS, name)
    ? TYPE_FIELDS[name as keyof typeof TYPE_FIELDS].description
    : undefined;
  const text = (Object.hasOwn(texts, name) ? texts[name] : undefined) ?? (texts[''] === undefined ? undefined : ofType);
  const { items, additionalProperties: values, ...rest } = field;
  return referring({
    ...described(text),
    ...rest,
    ...(items === undefined ? {} : { items: describeSchema(items as object) }),
    ...(values === undefined
      ? {}
      : { additionalProperties: typeof values === 'object' ? describeSchema(values ?? {}) : values }),
  });
}

function described(description: string | undefined): { readonly description?: string } {
  return description === undefined ? {} : { description };
}

/** A reference replaces all that stands beside it, unless it is one of `allOf`. */
function referring({ $ref, ...rest }: Json): Json {
  if ($ref === undefined) return rest;
  return Object.keys(rest).length === 0 ? { $ref } : { ...rest, allOf: [{ $ref }] };
}
