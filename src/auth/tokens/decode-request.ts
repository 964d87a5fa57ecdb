import { findSchema } from '../../kinds/schema.ts';
import { decodeWithSchema } from '../../machinery/schema/decode.ts';
import { badRequest } from '../../machinery/status-error.ts';

/** One value: the decoder keeps what it has compiled by it. */
const SOURCE = { lookup: findSchema };

/** Reads a body as the type of that schema. Throws 400 for what doesn't fit it; unknown fields are left out. */
export function decodeRequest<T>(body: object, schema: string): T {
  const { object, errors } = decodeWithSchema(body, schema, SOURCE);
  const kind = schema.slice(schema.lastIndexOf('.') + 1);
  const [version = 'v1'] = schema.split('.').slice(-2);
  if (errors.length === 0) return object as T;
  throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${errors[0]}`);
}
