import type { KindDefinition } from '../../kinds/definition.ts';
import { type Scale, withReplicas } from '../../kinds/scale.ts';
import { apiVersionOf, type KubernetesObject } from '../../machinery/object.ts';
import { badRequest, type Status, StatusError } from '../../machinery/status-error.ts';
import type { WriteOptions } from '../../registry/registry.ts';
import type { Services, Target } from '../services.ts';

/** The type of a Scale. */
export const SCALE = { apiVersion: 'autoscaling/v1', kind: 'Scale' } as const;

/** A Scale that was applied; its replicas are a checked number, or not said. */
export interface AppliedScale {
  readonly scale: Scale;
  readonly replicas: number | undefined;
  readonly force: boolean;
  readonly options: WriteOptions;
}

/** Throws 400 for an object of another type. */
function requireType(scale: KubernetesObject): void {
  const [apiVersion, kind] = [scale.apiVersion ?? '', scale.kind ?? ''];
  if (apiVersion === SCALE.apiVersion && kind === SCALE.kind) return;
  const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  throw badRequest(`invalid object type: ${version}, Kind=${kind}`);
}

/** A conflict over the parent's field is told as one over the Scale's. */
function aboutScale(kind: KindDefinition, error: unknown): unknown {
  if (!(error instanceof StatusError) || error.status.code !== 409) return error;
  const text = JSON.stringify(error.status).replaceAll(`using ${apiVersionOf(kind)}`, `using ${SCALE.apiVersion}`);
  return new StatusError(JSON.parse(text) as Status, { cause: error });
}

/** Server-side apply of a Scale: the parent's number of replicas, owned through this subresource. Gives the parent. */
export async function applyScale(
  { registry }: Services,
  { kind, key }: Target,
  { scale, replicas, force, options }: AppliedScale,
): Promise<KubernetesObject> {
  requireType(scale);
  const empty = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: scale.metadata?.name } };
  const body = replicas === undefined ? empty : withReplicas(kind, empty, replicas);
  registry.get(kind, key);
  try {
    return (await registry.patch(kind, key, { type: 'application/apply-patch+yaml', body, force }, options)).entry
      .object;
  } catch (error) {
    throw aboutScale(kind, error);
  }
}
