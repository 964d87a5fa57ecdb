import type { Answer, Call } from '../call.ts';
import { answerObject } from '../representation.ts';
import type { Services, Target } from '../services.ts';

/** GET of one object. */
export async function handleGet({ registry }: Services, { kind, key }: Target, call: Call): Promise<Answer> {
  await registry.prepare(kind, { key });
  return answerObject(call, kind, registry.get(kind, key));
}
