import type { Answer, Call } from '../call.ts';
import { decodeObject } from '../decode-body.ts';
import { parseWriteOptions } from '../options.ts';
import { answerObject } from '../representation.ts';
import type { Services, Target } from '../services.ts';
import { inNamespace, managerOf, writerOf } from './selection.ts';

/** POST of an object to its collection. */
export async function handleCreate({ registry }: Services, { kind, key }: Target, call: Call): Promise<Answer> {
  const options = parseWriteOptions(call.query, 'CreateOptions');
  const decoded = await decodeObject(call.body, call.headers['content-type'], kind.kind);
  const outcome = await registry.create(kind, decoded.object, {
    ...options,
    duplicates: decoded.duplicates,
    ...writerOf(call.user),
    ...inNamespace(key),
    fieldManager: managerOf(options.fieldManager, call.headers['user-agent']),
  });
  return answerObject(call, kind, outcome.entry, { status: 201, warnings: outcome.warnings });
}
