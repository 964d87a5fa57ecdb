import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateDisruptionBudget } from './pod-disruption-budget-validation.ts';
import { validateBudgetStatus } from './status/other-statuses.ts';
import type { Draft, PodDisruptionBudget } from './types.ts';

/** policy/v1 PodDisruptionBudget. */
export const podDisruptionBudgetKind = defineKind<Draft<PodDisruptionBudget>>({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  nameRule: 'path-segment',
  requiresVersion: true,
  shortNames: ['pdb'],
  hasStatus: true,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Min Available', 'string', 'Pods that must stay.', (o) => String(o.spec?.minAvailable ?? 'N/A')),
    column('Max Unavailable', 'string', 'Pods that may go.', (o) => String(o.spec?.maxUnavailable ?? 'N/A')),
    column('Allowed Disruptions', 'integer', 'Pods that may go now.', (o) => o.status?.disruptionsAllowed ?? 0),
    ageColumn,
  ],
  validate: validateDisruptionBudget,
  validateThrough: { status: validateBudgetStatus },
  support: { level: 'full', note: 'Counted in its status, and obeyed by evictions.' },
});
