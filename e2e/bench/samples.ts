/** The middle of the samples (mean of the middle two for an even count). */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** The standard error of the samples' median, from their median deviation, as if it were a normal distribution's. */
export function errorOfMedian(samples: readonly number[]): number {
  const middle = median(samples);
  const deviation = 1.4826 * median(samples.map((each) => Math.abs(each - middle)));
  return (1.2533 * deviation) / Math.sqrt(samples.length);
}

/** One printed row of the benchmark. */
export interface Row {
  readonly what: string;
  readonly unit: 'ms' | 'MB';
  readonly samples: readonly number[];
}

/** `what  median  (min … max, n runs)`, aligned. */
export function renderRows(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  const lines = rows.map(({ what, unit, samples }) => {
    const range = `(${Math.min(...samples).toFixed(0)} … ${Math.max(...samples).toFixed(0)}, ${samples.length} runs)`;
    return `${what.padEnd(width)}  ${median(samples).toFixed(0).padStart(6)} ${unit}  ${range}`;
  });
  return `${lines.join('\n')}\n`;
}
