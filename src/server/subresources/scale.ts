import type { KindDefinition } from '../../kinds/definition.ts';
import { type Scale, scaleOf, scalePathsOf, withReplicas } from '../../kinds/scale.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { applyJsonPatch } from '../../machinery/patch/json-patch.ts';
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts';
import { badRequest, internalError, invalid, StatusError, unsupportedMediaType } from '../../machinery/status-error.ts';
import type { PatchRequest, WriteOptions } from '../../registry/registry.ts';
import { type Answer, answerJson, type Call } from '../call.ts';
import { decodeObject } from '../decode-body.ts';
import { wrongMethod } from '../errors.ts';
import { parsePatchOptions, parseWriteOptions } from '../options.ts';
import type { Services, Target } from '../services.ts';
import { parsePatch, patchTypeOf } from '../verbs/patch.ts';
import { writerOf } from '../verbs/selection.ts';

const CONFLICT_RETRIES = 5;

/** GET, PUT and PATCH of `scale`: the replicas of any kind that has `spec.replicas`. */
export async function handleScale(services: Services, target: Target, call: Call): Promise<Answer> {
  const change = await changeOf(call);
  await services.registry.prepare(target.kind, { key: target.key });
  if (change === undefined) {
    const { object } = services.registry.get(target.kind, target.key);
    return answerJson(JSON.stringify(shownScale(target.kind, object)));
  }
  return answerJson(JSON.stringify(shownScale(target.kind, await writeScale(services, target, change))));
}

interface ScaleChange {
  readonly apply: (scale: Scale) => object;
  readonly options: WriteOptions;
}

async function changeOf(call: Call): Promise<ScaleChange | undefined> {
  switch (call.info.verb) {
    case 'get':
      return undefined;
    case 'update': {
      const options = { ...parseWriteOptions(call.query, 'UpdateOptions'), ...writerOf(call.user) };
      const { object } = await decodeObject(call.body, call.headers['content-type'], 'Scale');
      return { apply: () => object, options };
    }
    case 'patch': {
      const type = patchTypeOf(call.headers['content-type']);
      const { force: _, ...options } = parsePatchOptions(call.query, type === 'application/apply-patch+yaml');
      const { body: patch } = await parsePatch(type, call.body);
      return { apply: (scale) => applyScalePatch(scale, type, patch), options: { ...options, ...writerOf(call.user) } };
    }
    default:
      throw wrongMethod();
  }
}

/** Writes the replicas of the changed Scale; a change that names no version is tried again on conflict. */
async function writeScale(services: Services, { kind, key }: Target, change: ScaleChange): Promise<KubernetesObject> {
  for (let attempt = 1; ; attempt++) {
    const current = services.registry.get(kind, key).object;
    const scale = change.apply(scaleOf(kind, current)) as Scale;
    const replicas = checkedReplicas(kind, key.name, scale);
    const resourceVersion = scale.metadata?.resourceVersion || current.metadata?.resourceVersion;
    const metadata = { ...current.metadata, resourceVersion };
    const object = { ...withReplicas(kind, current, replicas), metadata };
    try {
      return (await services.registry.update(kind, key, object, change.options)).entry.object;
    } catch (error) {
      const raced = error instanceof StatusError && error.status.code === 409;
      const named = resourceVersion !== current.metadata?.resourceVersion;
      if (!raced || named || attempt === CONFLICT_RETRIES) throw error;
    }
  }
}

function checkedReplicas(kind: KindDefinition, name: string, scale: Scale): number {
  const replicas: unknown = scale.spec?.replicas ?? 0;
  if (scale.spec !== undefined && (typeof scale.spec !== 'object' || scale.spec === null)) {
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: spec must be an object');
  }
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas > 2 ** 31 - 1) {
    const found = typeof replicas === 'number' ? `number ${replicas}` : typeof replicas;
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${found} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  if (replicas >= 0) return replicas;
  const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
  const error = { type: 'FieldValueInvalid', field: 'spec.replicas', message } as const;
  throw invalid({ group: kind.group, resource: 'Scale', name }, [error]);
}

/** The Scale of any kind. Throws 500, as upstream does, when a custom object lacks the number of replicas. */
function shownScale(kind: KindDefinition, object: KubernetesObject): Scale {
  const scale = scaleOf(kind, object);
  if (scale.spec.replicas !== undefined) return scale;
  throw internalError(`the spec replicas field ".${scalePathsOf(kind)?.specReplicas.join('.')}" does not exist`);
}

/** A Scale has no lists, so that a strategic merge patch is a merge patch here. */
function applyScalePatch(scale: Scale, type: PatchRequest['type'], patch: unknown): object {
  if (type === 'application/apply-patch+yaml') throw unsupportedMediaType('a scale cannot be applied yet');
  const patched = type === 'application/json-patch+json' ? applyJsonPatch(scale, patch) : applyMergePatch(scale, patch);
  if (!patched.ok) throw patched.error;
  return patched.value as object;
}
