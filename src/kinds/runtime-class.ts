import { required } from '../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import type { Draft, RuntimeClass } from './types.ts';
import { validateImmutable } from './validation.ts';

/** node.k8s.io/v1 RuntimeClass. */
export const runtimeClassKind = defineKind<Draft<RuntimeClass>>({
  group: 'node.k8s.io',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  namespaced: false,
  columns: [nameColumn, column('Handler', 'string', 'Runtime that is used.', (o) => o.handler ?? ''), ageColumn],
  validate: (object) => (object.handler ? [] : [required('handler')]),
  validateUpdate: (object, old) => validateImmutable(object.handler, old.handler, 'handler'),
});
