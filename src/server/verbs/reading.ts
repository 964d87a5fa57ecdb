import type { KubernetesObject } from '../../machinery/object.ts';
import type { Answer, Call } from '../call.ts';
import { unknownPath } from '../errors.ts';
import { parseListOptions } from '../options.ts';
import { answerList, answerObject } from '../representation.ts';
import type { SerializedObject } from '../serialized.ts';
import type { Reading, Services, Target } from '../services.ts';
import { inNamespace } from './selection.ts';

/** GET of one reading. */
export async function handleGetReading(services: Services, target: Target, call: Call): Promise<Answer> {
  const object = await readingOf(services, target).get(target.key);
  return answerObject(call, target.kind, serialized(object), { warnings: target.kind.warnings(object, undefined) });
}

/** GET of all that can be read. */
export async function handleListReading(services: Services, target: Target, call: Call): Promise<Answer> {
  const options = { ...parseListOptions(call.query), ...inNamespace(target.key) };
  const objects = await readingOf(services, target).list(options);
  const answer = await answerList(call, target.kind, { entries: objects.map(serialized), resourceVersion: '' });
  return { ...answer, warnings: [...new Set(objects.flatMap((object) => target.kind.warnings(object, undefined)))] };
}

function readingOf({ readings }: Services, { kind }: Target): Reading {
  const resource = `${kind.group}/${kind.plural}`;
  const reading = Object.hasOwn(readings, resource) ? readings[resource] : undefined;
  if (reading === undefined) throw unknownPath();
  return reading;
}

function serialized(object: KubernetesObject): SerializedObject {
  return { object, json: JSON.stringify(object) };
}
