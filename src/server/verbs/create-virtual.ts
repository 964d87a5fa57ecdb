import { findSchema } from '../../kinds/schema.ts';
import { decodeObject as readObject } from '../../registry/decode-object.ts';
import { negotiate } from '../accept.ts';
import type { Answer, Call } from '../call.ts';
import { decodeObject } from '../decode-body.ts';
import { unknownPath } from '../errors.ts';
import { parseWriteOptions } from '../options.ts';
import { answerObject } from '../representation.ts';
import type { Services, Target } from '../services.ts';
import { writerOf } from './selection.ts';

const SCHEMA = { lookup: findSchema };

/** POST of an object that is answered and not stored. */
export async function handleCreateVirtual(services: Services, { kind, key }: Target, call: Call): Promise<Answer> {
  // What is never stored has no rows: neither a Table nor a list can be made of it.
  negotiate(call.headers.accept, ['PartialObjectMetadata']);
  const resource = `${kind.group}/${kind.plural}`;
  const handler = Object.hasOwn(services.virtuals, resource) ? services.virtuals[resource] : undefined;
  if (handler === undefined) throw unknownPath();
  const options = { ...parseWriteOptions(call.query, 'CreateOptions'), ...writerOf(call.user) };
  const { fieldValidation } = options;
  const decoded = await decodeObject(call.body, call.headers['content-type'], kind.kind);
  const { duplicates } = decoded;
  const { object: asked, warnings } = readObject(kind, decoded.object, { fieldValidation, duplicates, schema: SCHEMA });
  const { object } = await handler({ namespace: key.namespace, object: asked, options, user: call.user });
  const entry = { object, json: JSON.stringify(object) };
  return answerObject(call, kind, entry, { status: 201, warnings });
}
