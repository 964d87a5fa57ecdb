import type { KindDefinition } from '../kinds/definition.ts';
import { type FieldSet, fieldSetOf } from '../machinery/apply/field-set.ts';
import { updateManagedFields, type Write } from '../machinery/apply/update-managed-fields.ts';
import { apiVersionOf, type KubernetesObject } from '../machinery/object.ts';
import { now, type RegistryContext, schemaOf } from './context.ts';
import type { WriteOptions } from './registry.ts';

/** A write whose fields get an owner. */
export interface ManagedWrite {
  readonly kind: KindDefinition;
  readonly object: KubernetesObject;
  readonly old?: KubernetesObject;
  readonly options: WriteOptions;
  /** The object comes from an apply, which has kept the books already. */
  readonly applied?: boolean;
}

const STATUS = fieldSetOf(['f:status']);
const SPEC = fieldSetOf(['f:spec']);

function resetFieldsOf(kind: KindDefinition, subresource: string): FieldSet | undefined {
  if (!kind.subresources.some(({ name }) => name === 'status')) return undefined;
  if (subresource === '') return STATUS;
  return subresource === 'status' ? SPEC : undefined;
}

/** Who writes what, in the words of the machinery. */
export function describeWrite(context: RegistryContext, kind: KindDefinition, options: WriteOptions): Write {
  const { fieldManager, user, subresource = '' } = options;
  return {
    manager: fieldManager || user?.name || 'unknown',
    apiVersion: apiVersionOf(kind),
    time: now(context),
    schema: { name: kind.schema, source: schemaOf(context, kind) },
    resetFields: resetFieldsOf(kind, subresource),
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** The object with `metadata.managedFields` kept. The house's own controllers, who give no user, own nothing. */
export function trackManagers(context: RegistryContext, write: ManagedWrite): KubernetesObject {
  const { kind, object, old, options, applied = false } = write;
  if (applied || (options.user === undefined && !options.fieldManager)) return object;
  return updateManagedFields({ ...describeWrite(context, kind, options), live: old, object });
}
