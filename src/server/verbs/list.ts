import type { Answer, Call } from '../call.ts';
import { parseListOptions } from '../options.ts';
import { answerList } from '../representation.ts';
import type { Services, Target } from '../services.ts';
import { inNamespace } from './selection.ts';

/** GET of a collection. */
export async function handleList({ registry }: Services, { kind, key }: Target, call: Call): Promise<Answer> {
  const options = { ...parseListOptions(call.query), ...inNamespace(key) };
  await registry.prepare(kind, options);
  return answerList(call, kind, registry.list(kind, options));
}
