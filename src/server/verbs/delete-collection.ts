import type { Answer, Call } from '../call.ts';
import { parseListOptions } from '../options.ts';
import { answerList } from '../representation.ts';
import type { Services, Target } from '../services.ts';
import { readDeleteOptions } from './delete.ts';
import { inNamespace } from './selection.ts';

/** DELETE of a collection: the objects that were deleted or marked. */
export async function handleDeleteCollection(
  { registry }: Services,
  { kind, key }: Target,
  call: Call,
): Promise<Answer> {
  const options = await readDeleteOptions(call);
  const selection = { ...parseListOptions(call.query), ...inNamespace(key) };
  return answerList(call, kind, await registry.deleteCollection(kind, selection, options));
}
