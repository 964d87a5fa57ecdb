import type { Answer, Call } from '../call.ts';
import { decodeObject } from '../decode-body.ts';
import { parseWriteOptions } from '../options.ts';
import { answerObject } from '../representation.ts';
import type { Services, Target } from '../services.ts';
import { managerOf, writerOf } from './selection.ts';

/** PUT of an object, or of a subresource that has the parent's own type. */
export async function handleUpdate({ registry }: Services, target: Target, call: Call): Promise<Answer> {
  const { kind, key, subresource } = target;
  const options = parseWriteOptions(call.query, 'UpdateOptions');
  const decoded = await decodeObject(call.body, call.headers['content-type'], kind.kind);
  const outcome = await registry.update(kind, key, decoded.object, {
    ...options,
    duplicates: decoded.duplicates,
    ...writerOf(call.user),
    fieldManager: managerOf(options.fieldManager, call.headers['user-agent']),
    ...(subresource === '' ? {} : { subresource }),
  });
  return answerObject(call, kind, outcome.entry, {
    status: outcome.created ? 201 : 200,
    warnings: outcome.warnings,
  });
}
