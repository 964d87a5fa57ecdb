/** How long something took, again and again, and how often it was done in a second. */
export interface Latencies {
  readonly what: string;
  /** Milliseconds. */
  readonly samples: readonly number[];
  /** Per second, when several clients did it at once. */
  readonly rate?: number;
}

/** The value below which this share of the samples is, by the nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** A table of p50 and p99, aligned. */
export function renderLatencies(rows: readonly Latencies[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  const cell = (value: number) => value.toFixed(1).padStart(8);
  const lines = rows.map(({ what, samples, rate }) => {
    const numbers = `${cell(percentile(samples, 0.5))} ${cell(percentile(samples, 0.99))}`;
    return `${what.padEnd(width)} ${numbers} ${rate === undefined ? '' : rate.toFixed(0).padStart(8)}`.trimEnd();
  });
  return `${[`${''.padEnd(width)}   p50 ms   p99 ms      per s`, ...lines].join('\n')}\n`;
}
