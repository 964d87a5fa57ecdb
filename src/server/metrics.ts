/** What is counted of one request. */
export interface RequestSample {
  readonly verb: string;
  readonly resource: string;
  readonly status: number;
  readonly milliseconds: number;
}

/** Counts requests and prints them with the process's own numbers in Prometheus' text format. */
export interface RequestMetrics {
  observe(sample: RequestSample): void;
  render(): string;
}

/** Verbs and resources come from clients: beyond this many combinations they are counted together. */
const MAX_SERIES = 500;

/** An empty set of counters. */
export function createMetrics(): RequestMetrics {
  const series = new Map<string, { count: number; seconds: number }>();
  const started = Date.now() / 1000;
  return {
    observe: ({ verb, resource, status, milliseconds }) => {
      const wanted = `verb="${label(verb)}",resource="${label(resource)}",code="${status}"`;
      const labels = series.has(wanted) || series.size < MAX_SERIES ? wanted : 'verb="",resource="",code=""';
      const counter = series.get(labels) ?? { count: 0, seconds: 0 };
      series.set(labels, { count: counter.count + 1, seconds: counter.seconds + milliseconds / 1000 });
    },
    render: () => [...renderRequests(series), ...renderProcess(started), ''].join('\n'),
  };
}

function renderRequests(series: ReadonlyMap<string, { count: number; seconds: number }>): readonly string[] {
  const rows = [...series];
  return [
    '# HELP apiserver_request_total Requests answered.',
    '# TYPE apiserver_request_total counter',
    ...rows.map(([labels, { count }]) => `apiserver_request_total{${labels}} ${count}`),
    '# HELP apiserver_request_duration_seconds_sum Time until the answer began.',
    '# TYPE apiserver_request_duration_seconds_sum counter',
    ...rows.map(([labels, { seconds }]) => `apiserver_request_duration_seconds_sum{${labels}} ${seconds.toFixed(6)}`),
  ];
}

function renderProcess(started: number): readonly string[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const gauges: readonly (readonly [string, string, number])[] = [
    ['process_resident_memory_bytes', 'gauge', rss],
    ['nodejs_heap_used_bytes', 'gauge', heapUsed],
    ['process_cpu_seconds_total', 'counter', (user + system) / 1e6],
    ['process_start_time_seconds', 'gauge', started],
  ];
  return gauges.flatMap(([name, type, value]) => [`# TYPE ${name} ${type}`, `${name} ${value}`]);
}

function label(value: string): string {
  return value.replace(/[^A-Za-z0-9._/-]/g, '_').slice(0, 64);
}
