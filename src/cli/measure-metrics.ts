import type { Measured } from '../controllers/measures.ts';
import { labelsOf, type Metric } from '../server/prometheus.ts';

/** What controllers count beside their queues, for a scraper. */
export function measureMetrics(measures: readonly Measured[]): readonly Metric[] {
  return measures.map(({ name, type, help, values }) => ({
    name,
    type,
    help,
    values: values.map(({ suffix, labels, value }) => [`${suffix}${renderLabels(labels)}`, value] as const),
  }));
}

/** Without labels there are no braces either. */
function renderLabels(labels: Measured['values'][number]['labels']): string {
  return Object.keys(labels).length === 0 ? '' : labelsOf(labels);
}
