import type { AdmissionRequest } from '../admission/plugin.ts';
import type { DeleteOptions, WriteOptions } from './registry.ts';

const KINDS: { readonly [operation in AdmissionRequest['operation']]?: string } = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

/** The options of a write as `metav1` has them, for those who judge it. */
export function operationOptions(operation: AdmissionRequest['operation'], options: WriteOptions): object {
  const kind = options.patched ? 'PatchOptions' : KINDS[operation];
  if (kind === undefined) return {};
  const { dryRun, fieldManager, fieldValidation } = options;
  const { gracePeriodSeconds, propagationPolicy, preconditions } = options as DeleteOptions;
  const given = { fieldManager, fieldValidation, gracePeriodSeconds, propagationPolicy, preconditions };
  return {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...(dryRun ? { dryRun: ['All'] } : {}),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== '')),
  };
}
