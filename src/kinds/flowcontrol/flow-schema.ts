import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { Draft, FlowSchema } from '../types.ts';
import { validateFlowSchema } from './flow-schema-validation.ts';

type Object = Draft<FlowSchema>;

/** Of several that match, the lowest number decides. */
const DEFAULT_PRECEDENCE = 1000;

function missingPriorityLevel(schema: Object): string {
  return schema.status?.conditions?.find((condition) => condition.type === 'Dangling')?.status ?? '?';
}

/** flowcontrol.apiserver.k8s.io/v1 FlowSchema. */
export const flowSchemaKind = defineKind<Object>({
  group: 'flowcontrol.apiserver.k8s.io',
  kind: 'FlowSchema',
  namespaced: false,
  hasStatus: true,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column(
      'PriorityLevel',
      'string',
      'Level that its requests go to.',
      (o) => o.spec?.priorityLevelConfiguration?.name ?? '',
    ),
    column('MatchingPrecedence', 'string', 'Order in which schemas are asked.', (o) => o.spec?.matchingPrecedence ?? 0),
    column(
      'DistinguisherMethod',
      'string',
      'What tells flows apart.',
      (o) => o.spec?.distinguisherMethod?.type ?? '<none>',
    ),
    ageColumn,
    column('MissingPL', 'string', 'Whether its level is missing.', missingPriorityLevel),
  ],
  defaults: (object) => ({
    ...object,
    spec: { ...object.spec, matchingPrecedence: object.spec?.matchingPrecedence || DEFAULT_PRECEDENCE },
  }),
  validate: validateFlowSchema,
});
