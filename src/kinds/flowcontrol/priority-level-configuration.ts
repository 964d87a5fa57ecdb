import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { defined } from '../pod-spec/defined.ts';
import type { Draft, PriorityLevelConfiguration } from '../types.ts';
import { validatePriorityLevel } from './priority-level-configuration-validation.ts';

type Object = Draft<PriorityLevelConfiguration>;
type Limited = NonNullable<NonNullable<Object['spec']>['limited']>;
type Queuing = NonNullable<NonNullable<Limited['limitResponse']>['queuing']>;

const NONE = '<none>';
const DEFAULT_SHARES = 30;

function queuing(level: Object, field: keyof Queuing): number | string {
  const found = level.spec?.limited?.limitResponse?.queuing;
  return found ? (found[field] ?? 0) : NONE;
}

function limitedDefaults(limited: Limited | undefined): Limited | undefined {
  if (!limited) return undefined;
  const { limitResponse: response } = limited;
  const queues = response?.queuing && {
    ...response.queuing,
    queues: response.queuing.queues || 64,
    handSize: response.queuing.handSize || 8,
    queueLengthLimit: response.queuing.queueLengthLimit || 50,
  };
  return {
    ...limited,
    nominalConcurrencyShares: limited.nominalConcurrencyShares ?? DEFAULT_SHARES,
    lendablePercent: limited.lendablePercent ?? 0,
    ...defined('limitResponse', response && { ...response, ...defined('queuing', queues) }),
  };
}

/** `SetDefaults_PriorityLevelConfiguration` and those of its parts. */
function applyDefaults(level: Object): Object {
  const { spec = {} } = level;
  const exempt = spec.exempt ?? (spec.type === 'Exempt' ? {} : undefined);
  return {
    ...level,
    spec: {
      ...spec,
      ...defined('exempt', exempt && { nominalConcurrencyShares: 0, lendablePercent: 0, ...exempt }),
      ...defined('limited', limitedDefaults(spec.limited)),
    },
  };
}

/** flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration. */
export const priorityLevelConfigurationKind = defineKind<Object>({
  group: 'flowcontrol.apiserver.k8s.io',
  kind: 'PriorityLevelConfiguration',
  namespaced: false,
  hasStatus: true,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Type', 'string', 'Whether requests of this level are limited.', (o) => o.spec?.type ?? ''),
    column('NominalConcurrencyShares', 'string', 'Share of all seats.', (o) =>
      o.spec?.limited ? (o.spec.limited.nominalConcurrencyShares ?? NONE) : NONE,
    ),
    column('Queues', 'string', 'How many queues there are.', (o) => queuing(o, 'queues')),
    column('HandSize', 'string', 'Queues that a flow is dealt.', (o) => queuing(o, 'handSize')),
    column('QueueLengthLimit', 'string', 'Requests that wait in a queue at most.', (o) =>
      queuing(o, 'queueLengthLimit'),
    ),
    ageColumn,
  ],
  defaults: applyDefaults,
  validate: validatePriorityLevel,
});
