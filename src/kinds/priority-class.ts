import { FIELD_IS_IMMUTABLE, forbiddenField } from '../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import type { Draft, PriorityClass } from './types.ts';
import { type Findings, validateEnum, validateImmutable } from './validation.ts';

type Object = Draft<PriorityClass>;

const HIGHEST_USER_PRIORITY = 1_000_000_000;

/** The system's own classes may be stored, as they are. */
const SYSTEM: { readonly [name: string]: number } = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** Why a class may not have a name of the system; undefined where it may. */
function refuseSystemName({ metadata, value = 0, globalDefault = false }: Object): string | undefined {
  const name = metadata?.name ?? '';
  const known = Object.hasOwn(SYSTEM, name) ? SYSTEM[name] : undefined;
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known !== value) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function validateValue(object: Object): Findings {
  if (object.metadata?.name?.startsWith('system-')) {
    const why = refuseSystemName(object);
    const reserved = "priority class names with 'system-' prefix are reserved for system use only. error:";
    return why === undefined ? [] : [forbiddenField('metadata.name', `${reserved} ${why}`)];
  }
  if ((object.value ?? 0) <= HIGHEST_USER_PRIORITY) return [];
  const limit = `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`;
  return [forbiddenField('value', limit)];
}

/** scheduling.k8s.io/v1 PriorityClass. */
export const priorityClassKind = defineKind<Object>({
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Value', 'integer', 'The priority.', (o) => o.value ?? 0),
    column('Global-Default', 'boolean', 'Whether pods without a class get it.', (o) => o.globalDefault ?? false),
    ageColumn,
    column('PreemptionPolicy', 'string', 'Whether it may push others out.', (o) => o.preemptionPolicy ?? ''),
  ],
  defaults: (object) => ({ ...object, preemptionPolicy: object.preemptionPolicy ?? 'PreemptLowerPriority' }),
  validate: (object) => [
    ...validateValue(object),
    ...validateEnum(object.preemptionPolicy, 'preemptionPolicy', ['Never', 'PreemptLowerPriority'], 'optional'),
  ],
  validateUpdate: (object, old) => [
    ...((object.value ?? 0) === (old.value ?? 0) ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...validateImmutable(object.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy', FIELD_IS_IMMUTABLE),
  ],
  support: { level: 'partial', note: 'Pods get its number; nothing is preempted.' },
});
