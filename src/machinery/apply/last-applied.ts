import type { KubernetesObject } from '../object.ts';
import { compareTyped } from './compare.ts';
import { difference, type FieldSet, union } from './field-set.ts';
import { withoutManagedFields } from './strip-meta.ts';
import { toFieldSet } from './to-field-set.ts';
import { isFields, TypedValueError } from './typed-value.ts';
import { rootType, type Write } from './update-managed-fields.ts';

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
const MAX_ANNOTATIONS = 256 * 1024;

/** Whether client-side apply has left its mark. */
export function hasLastApplied(object: KubernetesObject | undefined): boolean {
  return Boolean(object?.metadata?.annotations?.[ANNOTATION]);
}

function parseObject(text: string): KubernetesObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? (value as KubernetesObject) : undefined;
  } catch {
    return undefined;
  }
}

/** Fields that client-side apply set and that still have its value; undefined when it never ran in this version. */
export function lastAppliedFields(live: KubernetesObject | undefined, write: Write): FieldSet | undefined {
  const text = live?.metadata?.annotations?.[ANNOTATION];
  const last = text ? parseObject(text) : undefined;
  if (live === undefined || last === undefined || last.apiVersion !== write.apiVersion) return undefined;
  try {
    const type = rootType(write);
    const { added, removed, modified } = compareTyped(last, withoutManagedFields(live), type);
    return difference(toFieldSet(last, type), union(union(added, removed), modified));
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error;
    return undefined;
  }
}

/** The object with the configuration as its last applied one, so that client-side apply may take over again. */
export function withLastApplied<T extends KubernetesObject>(object: T, config: KubernetesObject): T {
  const { [ANNOTATION]: _, ...annotations } = config.metadata?.annotations ?? {};
  const text = `${JSON.stringify({ ...config, metadata: { ...config.metadata, annotations } })}\n`;
  const value = text.length > MAX_ANNOTATIONS ? '' : text;
  const metadata = { ...object.metadata, annotations: { ...object.metadata?.annotations, [ANNOTATION]: value } };
  return { ...object, metadata };
}
