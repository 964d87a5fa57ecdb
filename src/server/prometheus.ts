/** One metric with its values by their labels, in Prometheus' text format. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Each with what stands behind the name: a suffix of histograms, and the labels. */
  readonly values: readonly (readonly [suffixAndLabels: string, value: number])[];
}

/** Renders metrics as a scraper reads them. */
export function renderMetrics(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, type, help, values }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...values.map(([suffix, value]) => `${name}${suffix} ${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}

/** `{a="b"}`; values may come from clients: what would need an escape becomes `_`. */
export function labelsOf(labels: { readonly [name: string]: string }): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${safe(value)}"`);
  return `{${pairs.join(',')}}`;
}

function safe(value: string): string {
  return value.replace(/[^\w./:+*-]/g, '_').slice(0, 64);
}
