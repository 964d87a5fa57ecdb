import { isDns1123Label, validateLabels } from '../machinery/names.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateResources } from './pod-spec/resources-validation.ts';
import { validateTolerations } from './pod-spec/scheduling-validation.ts';
import type { Draft, RuntimeClass } from './types.ts';
import { validateImmutable, validateName } from './validation.ts';

/** node.k8s.io/v1 RuntimeClass. */
export const runtimeClassKind = defineKind<Draft<RuntimeClass>>({
  group: 'node.k8s.io',
  kind: 'RuntimeClass',
  requiresVersion: true,
  createsOnUpdate: true,
  plural: 'runtimeclasses',
  namespaced: false,
  columns: [nameColumn, column('Handler', 'string', 'Runtime that is used.', (o) => o.handler ?? ''), ageColumn],
  validate: ({ handler = '', overhead, scheduling }) => [
    ...validateName(isDns1123Label, handler, 'handler'),
    ...(overhead ? validateResources({ limits: overhead.podFixed }, 'overhead.podFixed') : []),
    ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(scheduling?.tolerations ?? [], 'scheduling.tolerations'),
  ],
  validateUpdate: (object, old) => validateImmutable(object.handler, old.handler, 'handler'),
  support: { level: 'partial', note: 'Pods get its overhead and place, and run under the OCI runtime of that name.' },
});
