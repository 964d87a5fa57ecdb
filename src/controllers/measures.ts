/** `base`, and each `factor` times the one before, `count` of them. */
function exponential(base: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, step) => base * factor ** step);
}

/** Counters of controllers, under upstream's names. */
const COUNTERS = {
  job_controller_job_syncs_total: 'Looks at Jobs.',
  job_controller_jobs_finished_total: 'Jobs that have ended.',
  job_controller_jobs_by_external_controller_total: 'Jobs that other controllers run.',
  job_controller_job_pods_finished_total: 'Pods of Jobs that have ended and are counted.',
  job_controller_pod_failures_handled_by_failure_policy_total: 'Failed pods by what a rule of their Job says of them.',
  job_controller_terminated_pods_tracking_finalizer_total:
    'Pods that have ended and wait for being counted: how many came and went.',
  job_controller_job_finished_indexes_total: 'Indexes that have ended.',
  job_controller_job_pods_creation_total: 'Pods made for Jobs, by why.',
} as const;

interface HistogramRow {
  readonly help: string;
  readonly buckets: readonly number[];
  /** Told of before its first value, as it has no labels. */
  readonly plain?: boolean;
}

/** Histograms of controllers, under upstream's names and with its buckets. */
const HISTOGRAMS = {
  job_controller_job_sync_duration_seconds: {
    help: 'How long a look at a Job took.',
    buckets: exponential(0.004, 2, 15),
  },
  cronjob_controller_job_creation_skew_duration_seconds: {
    help: 'From the time that a run is for until its Job is made.',
    buckets: exponential(1, 2, 10),
    plain: true,
  },
  replicaset_controller_sorting_deletion_age_ratio: {
    help: 'Ages of ready pods that are deleted, as multiples of that of the youngest.',
    buckets: exponential(0.25, 2, 6),
    plain: true,
  },
  ttl_after_finished_controller_job_deletion_duration_seconds: {
    help: 'From the end of a Job’s time to live until it is deleted.',
    buckets: exponential(0.1, 2, 14),
    plain: true,
  },
} as const satisfies { readonly [name: string]: HistogramRow };

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;

/** Labels by name. */
export type MeasureLabels = { readonly [name: string]: string };

/** One counter, or one histogram's buckets, as they stand. */
export interface Measured {
  readonly name: CounterName | HistogramName;
  readonly type: 'counter' | 'histogram';
  readonly help: string;
  readonly values: readonly { readonly suffix: string; readonly labels: MeasureLabels; readonly value: number }[];
}

/** What controllers count beside their queues. */
export interface Measures {
  /** Adds to a counter; nothing when it is none or less. */
  add(name: CounterName, labels: MeasureLabels, count?: number): void;
  /** Notes one value. */
  observe(name: HistogramName, value: number, labels?: MeasureLabels): void;
  read(): readonly Measured[];
}

interface Tally {
  readonly labels: MeasureLabels;
  count: number;
  sum: number;
  /** Values in each bucket alone. */
  readonly buckets: number[];
}

/** Nothing counted yet. */
export function createMeasures(): Measures {
  const tallies = new Map<string, Map<string, Tally>>();
  const tallyOf = (name: string, labels: MeasureLabels, buckets: readonly number[]): Tally => {
    const series = tallies.get(name) ?? new Map<string, Tally>();
    tallies.set(name, series);
    const key = JSON.stringify(labels);
    const tally = series.get(key) ?? { labels, count: 0, sum: 0, buckets: buckets.map(() => 0) };
    series.set(key, tally);
    return tally;
  };
  for (const [name, row] of histograms()) if (row.plain === true) tallyOf(name, {}, row.buckets);
  return {
    add: (name, labels, count = 1) => {
      if (count > 0) tallyOf(name, labels, []).count += count;
    },
    observe: (name, value, labels = {}) => {
      const { buckets } = HISTOGRAMS[name];
      const tally = tallyOf(name, labels, buckets);
      tally.count += 1;
      tally.sum += value;
      const bucket = buckets.findIndex((most) => value <= most);
      if (bucket >= 0) tally.buckets[bucket] = (tally.buckets[bucket] ?? 0) + 1;
    },
    read: () => [
      ...Object.entries(COUNTERS).map(([name, help]) => counter(name as CounterName, help, tallies.get(name))),
      ...histograms().map(([name, row]) => histogram(name, row, tallies.get(name))),
    ],
  };
}

const histograms = (): readonly (readonly [HistogramName, HistogramRow])[] =>
  Object.entries(HISTOGRAMS) as [HistogramName, HistogramRow][];

type Series = ReadonlyMap<string, Tally> | undefined;

function counter(name: CounterName, help: string, series: Series): Measured {
  const values = [...(series?.values() ?? [])].map(({ labels, count }) => ({ suffix: '', labels, value: count }));
  return { name, type: 'counter', help, values };
}

function histogram(name: HistogramName, { help, buckets }: HistogramRow, series: Series): Measured {
  const values = [...(series?.values() ?? [])].flatMap((tally) => {
    let below = 0;
    const counted = buckets.map((most, index) => {
      below += tally.buckets[index] ?? 0;
      return { suffix: '_bucket', labels: { ...tally.labels, le: String(most) }, value: below };
    });
    const { labels, count, sum } = tally;
    const all = { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count };
    return [...counted, all, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }];
  });
  return { name, type: 'histogram', help, values };
}
