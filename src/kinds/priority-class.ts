import { FIELD_IS_IMMUTABLE, forbiddenField } from '../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import type { Draft, PriorityClass } from './types.ts';
import { validateImmutable } from './validation.ts';

type Object = Draft<PriorityClass>;

const HIGHEST_USER_PRIORITY = 1_000_000_000;

/** scheduling.k8s.io/v1 PriorityClass. */
export const priorityClassKind = defineKind<Object>({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  columns: [
    nameColumn,
    column('Value', 'integer', 'The priority.', (o) => o.value ?? 0),
    column('Global-Default', 'boolean', 'Whether pods without a class get it.', (o) => o.globalDefault ?? false),
    ageColumn,
    column('PreemptionPolicy', 'string', 'Whether it may push others out.', (o) => o.preemptionPolicy ?? ''),
  ],
  defaults: (object) => ({ ...object, preemptionPolicy: object.preemptionPolicy ?? 'PreemptLowerPriority' }),
  validate: (object) => {
    const system = object.metadata?.name?.startsWith('system-');
    if (system || (object.value ?? 0) <= HIGHEST_USER_PRIORITY) return [];
    const limit = `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`;
    return [forbiddenField('value', limit)];
  },
  validateUpdate: (object, old) => [
    ...((object.value ?? 0) === (old.value ?? 0) ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...validateImmutable(object.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy', FIELD_IS_IMMUTABLE),
  ],
});
