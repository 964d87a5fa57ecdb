import type { DeleteOptions } from '../../registry/registry.ts';
import { type Answer, answerJson, type Call } from '../call.ts';
import { decodeObject } from '../decode-body.ts';
import { parseDeleteOptions } from '../options.ts';
import { answerObject } from '../representation.ts';
import type { Services, Target } from '../services.ts';
import { writerOf } from './selection.ts';

/** DELETE of one object: a Status when it is gone, the object when it waits for grace or finalizers. */
export async function handleDelete({ registry }: Services, { kind, key }: Target, call: Call): Promise<Answer> {
  const options = await readDeleteOptions(call);
  const outcome = await registry.delete(kind, key, options);
  if (outcome.deleted) return { ...answerJson(JSON.stringify(outcome.status)), warnings: outcome.warnings };
  const status = options.propagationPolicy === 'Foreground' ? 202 : 200;
  return answerObject(call, kind, outcome.entry, { status, warnings: outcome.warnings });
}

/** Delete options from the body or the query, with who asks. */
export async function readDeleteOptions(call: Call): Promise<DeleteOptions> {
  const { headers } = call;
  const given = call.body.length > 0;
  const decoded = given ? await decodeObject(call.body, headers['content-type'], 'DeleteOptions') : undefined;
  return { ...parseDeleteOptions(call.query, decoded?.object), ...writerOf(call.user) };
}
