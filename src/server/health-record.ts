import { labelsOf, type Metric } from './prometheus.ts';

/** How checks have ended, for those who compute how often the server was well. */
export interface HealthRecord {
  /** `type` is the endpoint that asked. */
  observe(outcome: { readonly name: string; readonly type: string; readonly well: boolean }): void;
  metrics(): readonly Metric[];
}

/** Nothing has been asked yet. */
export function createHealthRecord(): HealthRecord {
  const last = new Map<string, number>();
  const totals = new Map<string, number>();
  return {
    observe: ({ name, type, well }) => {
      last.set(labelsOf({ name, type }), Number(well));
      const total = labelsOf({ name, status: well ? 'success' : 'error', type });
      totals.set(total, (totals.get(total) ?? 0) + 1);
    },
    metrics: () => [
      {
        name: 'kubernetes_healthcheck',
        type: 'gauge',
        help: '[STABLE] This metric records the result of a single healthcheck.',
        values: [...last],
      },
      {
        name: 'kubernetes_healthchecks_total',
        type: 'counter',
        help: '[STABLE] This metric records the results of all healthcheck.',
        values: [...totals],
      },
    ],
  };
}
