import type { KindDefinition } from '../../kinds/definition.ts';
import { type Scale, scaleOf, scalePathsOf, withReplicas } from '../../kinds/scale.ts';
import type { KubernetesObject, ObjectKey } from '../../machinery/object.ts';
import { applyJsonPatch } from '../../machinery/patch/json-patch.ts';
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts';
import { badRequest, internalError, invalid, StatusError } from '../../machinery/status-error.ts';
import type { PatchRequest, WriteOptions } from '../../registry/registry.ts';
import { requireKey } from '../../registry/update-object.ts';
import { type Answer, answerJson, type Call } from '../call.ts';
import { decodeObject } from '../decode-body.ts';
import { wrongMethod } from '../errors.ts';
import { parsePatchOptions, parseWriteOptions } from '../options.ts';
import type { Services, Target } from '../services.ts';
import { parsePatch, patchTypeOf } from '../verbs/patch.ts';
import { managerOf, writerOf } from '../verbs/selection.ts';
import { type AppliedScale, applyScale, SCALE } from './apply-scale.ts';

const CONFLICT_RETRIES = 5;

/** GET, PUT and PATCH of `scale`: the replicas of any kind that has `spec.replicas`. */
export async function handleScale(services: Services, target: Target, call: Call): Promise<Answer> {
  const change = await changeOf(call);
  await services.registry.prepare(target.kind, { key: target.key });
  if (change === undefined) {
    const { object } = services.registry.get(target.kind, target.key);
    return answerScale(target.kind, object);
  }
  const write = 'scale' in change ? applyScale(services, target, change) : writeScale(services, target, change);
  return answerScale(target.kind, await write);
}

interface ScaleChange {
  readonly apply: (scale: Scale) => object;
  readonly options: WriteOptions;
}

/** Who owns the replicas from now on: a writer of this subresource. */
function ownership(call: Call, { fieldManager }: WriteOptions): WriteOptions {
  const manager = managerOf(fieldManager, call.headers['user-agent']);
  return { ...writerOf(call.user), fieldManager: manager, subresource: 'scale' };
}

async function changeOf(call: Call): Promise<ScaleChange | AppliedScale | undefined> {
  switch (call.info.verb) {
    case 'get':
      return undefined;
    case 'update': {
      const given = parseWriteOptions(call.query, 'UpdateOptions');
      const options = { ...given, ...ownership(call, given) };
      const { object } = await decodeObject(call.body, call.headers['content-type'], 'Scale');
      return { apply: () => object, options };
    }
    case 'patch': {
      const type = patchTypeOf(call.headers['content-type']);
      const { force, ...given } = parsePatchOptions(call.query, type === 'application/apply-patch+yaml');
      const options = { ...given, ...ownership(call, given) };
      const { body: patch } = await parsePatch(type, call.body);
      if (type === 'application/apply-patch+yaml') return appliedScale(patch as Scale, { force, options });
      return { apply: (scale) => applyScalePatch(scale, type, patch), options };
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
    requireTexts(scale);
    requireScale(key, scale);
    const replicas = checkedReplicas(key.name, scale);
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

/** A patch may have put anything anywhere. Throws 400 where what is read of a Scale isn't text. */
function requireTexts(scale: Scale): void {
  if (typeof scale !== 'object' || scale === null || Array.isArray(scale)) {
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: it must be an object');
  }
  const metadata: unknown = scale.metadata ?? {};
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: metadata must be an object');
  }
  const { name, namespace, resourceVersion } = metadata as { readonly [field: string]: unknown };
  const texts = { apiVersion: scale.apiVersion, kind: scale.kind, name, namespace, resourceVersion };
  for (const [field, value] of Object.entries<unknown>(texts)) {
    if (value === undefined || value === null || typeof value === 'string') continue;
    throw badRequest(`Scale in version "v1" cannot be handled as a Scale: ${field} must be a string`);
  }
}

/** Throws 400 for an object of another type or with another name than the request's. */
function requireScale(key: ObjectKey, { metadata, ...type }: Scale): void {
  const apiVersion = type.apiVersion ?? SCALE.apiVersion;
  const kind = type.kind ?? SCALE.kind;
  if (kind !== SCALE.kind || apiVersion !== SCALE.apiVersion) {
    const version = apiVersion.split('/').at(-1);
    const why = `converting (${version}.${kind}) to (autoscaling.Scale): unknown conversion`;
    throw badRequest(`${kind} in version "${version}" cannot be handled as a Scale: ${why}`);
  }
  requireKey({ metadata: metadata ?? {} }, key);
}

function appliedScale(scale: Scale, how: Pick<AppliedScale, 'force' | 'options'>): AppliedScale {
  requireTexts(scale);
  const said = scale.spec?.replicas !== undefined;
  return { scale, replicas: said ? checkedReplicas(scale.metadata?.name ?? '', scale) : undefined, ...how };
}

function checkedReplicas(name: string, scale: Scale): number {
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
  throw invalid({ group: 'autoscaling', resource: 'Scale', name }, [error]);
}

/** Answers with the Scale; Go leaves out a number of replicas that is 0. */
function answerScale(kind: KindDefinition, object: KubernetesObject): Answer {
  const scale = shownScale(kind, object);
  return answerJson(JSON.stringify(scale.spec.replicas === 0 ? { ...scale, spec: {} } : scale));
}

/** The Scale of any kind. Throws 500, as upstream does, when a custom object lacks the number of replicas. */
function shownScale(kind: KindDefinition, object: KubernetesObject): Scale {
  const scale = scaleOf(kind, object);
  if (scale.spec.replicas !== undefined) return scale;
  throw internalError(`the spec replicas field ".${scalePathsOf(kind)?.specReplicas.join('.')}" does not exist`);
}

/** A Scale has no lists, so that a strategic merge patch is a merge patch here. */
function applyScalePatch(scale: Scale, type: PatchRequest['type'], patch: unknown): object {
  const patched = type === 'application/json-patch+json' ? applyJsonPatch(scale, patch) : applyMergePatch(scale, patch);
  if (!patched.ok) throw patched.error;
  return patched.value as object;
}
