import type { Registry } from '../registry/registry.ts';
import type { Call } from './call.ts';
import { processMetrics } from './process-metrics.ts';
import { labelsOf, type Metric, renderMetrics } from './prometheus.ts';
import { isTrue } from './request-info.ts';

/** A request that is being answered. */
export interface Observation {
  /** To be called when the answer begins. */
  answered(status: number): void;
}

/** Counts requests and prints them, under apiserver's own names, in Prometheus' text format. */
export interface RequestMetrics {
  observe(call: Call): Observation;
  render(registry: Registry): string;
}

/** Verbs and resources come from clients: beyond this many combinations they are counted together. */
const MAX_SERIES = 500;

/** Upper bounds of `apiserver_request_duration_seconds`, as upstream has them. */
const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

/** Requests with the same labels. */
interface Series {
  seconds: number;
  readonly codes: Map<number, number>;
  /** How many took at most as long as the bucket says and longer than the one before; the last took longer than all. */
  readonly buckets: number[];
}

type Kind = 'mutating' | 'readOnly' | 'long-running';

/** An empty set of counters; `more` is what others tell beside them. */
export function createMetrics(more: () => readonly Metric[] = () => []): RequestMetrics {
  const series = new Map<string, Series>();
  const running: { [kind in Kind]: number } = { mutating: 0, readOnly: 0, 'long-running': 0 };
  return {
    observe: (call) => {
      const start = performance.now();
      const kind = kindOf(call);
      running[kind]++;
      const leave = () => running[kind]--;
      // A watch runs on when its answer has begun.
      if (kind === 'long-running') call.signal.addEventListener('abort', leave, { once: true });
      return {
        answered: (status) => {
          if (kind !== 'long-running') leave();
          count(seriesOf(series, labelsOf(requestLabels(call))), status, (performance.now() - start) / 1000);
        },
      };
    },
    render: (registry) =>
      renderMetrics([
        ...requestMetrics(series),
        ...runningMetrics(running),
        ...objectMetrics(registry),
        ...more(),
        ...processMetrics(),
      ]),
  };
}

const READING = new Set(['get', 'list', 'watch', 'head', 'options']);
const STREAMS = new Set(['exec', 'attach', 'portforward', 'proxy', 'log']);

function kindOf({ info: { verb, resource } }: Call): Kind {
  if (verb === 'watch' || STREAMS.has(resource?.subresource ?? '')) return 'long-running';
  return READING.has(verb) ? 'readOnly' : 'mutating';
}

const VERBS: { readonly [verb: string]: string } = { create: 'POST', update: 'PUT' };
const APPLY = /^application\/apply-patch\+/;

/** What upstream tells of a request: paths that are no resources stand where the subresource does. */
function requestLabels({ info: { verb, path, resource }, query, headers }: Call): { readonly [name: string]: string } {
  const applied = verb === 'patch' && APPLY.test(headers['content-type'] ?? '');
  const labels = {
    dry_run: isTrue(query.get('dryRun')) ? 'All' : '',
    verb: applied ? 'APPLY' : (VERBS[verb] ?? verb.toUpperCase()),
  };
  if (resource === undefined) {
    const root = `/${path.split('/')[1] ?? ''}`;
    return { ...labels, component: '', group: '', version: '', resource: '', subresource: root, scope: '' };
  }
  const { group, version, namespace, name, subresource } = resource;
  const scope = name !== '' || verb === 'create' ? 'resource' : namespace === '' ? 'cluster' : 'namespace';
  return { ...labels, component: 'apiserver', group, version, resource: resource.resource, subresource, scope };
}

function seriesOf(all: Map<string, Series>, wanted: string): Series {
  const labels = all.has(wanted) || all.size < MAX_SERIES ? wanted : '{verb="other"}';
  const found = all.get(labels) ?? { seconds: 0, codes: new Map(), buckets: Array<number>(BUCKETS.length + 1).fill(0) };
  all.set(labels, found);
  return found;
}

function count(series: Series, status: number, seconds: number): void {
  series.seconds += seconds;
  series.codes.set(status, (series.codes.get(status) ?? 0) + 1);
  const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
  const at = bucket === -1 ? BUCKETS.length : bucket;
  series.buckets[at] = (series.buckets[at] ?? 0) + 1;
}

function requestMetrics(series: ReadonlyMap<string, Series>): readonly Metric[] {
  return [
    {
      name: 'apiserver_request_total',
      type: 'counter',
      help: 'Requests by verb, dry run, group, version, resource, scope, component and HTTP response code.',
      values: [...series].flatMap(([labels, { codes }]) =>
        [...codes].map(([code, n]) => [labelled(labels, `code="${code}"`), n] as const),
      ),
    },
    {
      name: 'apiserver_request_duration_seconds',
      type: 'histogram',
      help: 'Time until the answer began by verb, dry run, group, version, resource, subresource, scope and component.',
      values: [...series].flatMap(([labels, each]) => durations(labels, each)),
    },
  ];
}

function labelled(labels: string, more: string): string {
  return `${labels.slice(0, -1)},${more}}`;
}

function durations(labels: string, { buckets, seconds }: Series): Metric['values'] {
  let sum = 0;
  const counts = [...BUCKETS, '+Inf'].map((bound, at) => {
    sum += buckets[at] ?? 0;
    return [`_bucket${labelled(labels, `le="${bound}"`)}`, sum] as const;
  });
  return [...counts, [`_sum${labels}`, Number(seconds.toFixed(6))], [`_count${labels}`, sum]];
}

function runningMetrics(running: { readonly [kind in Kind]: number }): readonly Metric[] {
  const inFlight = (['mutating', 'readOnly'] as const).map(
    (kind) => [`{request_kind="${kind}"}`, running[kind]] as const,
  );
  return [
    {
      name: 'apiserver_current_inflight_requests',
      type: 'gauge',
      help: 'Requests being answered, by kind.',
      values: inFlight,
    },
    {
      name: 'apiserver_longrunning_requests',
      type: 'gauge',
      help: 'Watches and streams that are open.',
      values: [['{component="apiserver"}', running['long-running']]],
    },
  ];
}

/** How many objects there are of each resource, under the name of today and the one that dashboards still ask for. */
function objectMetrics(registry: Registry): readonly Metric[] {
  const stored = registry.catalogue.filter(({ virtual, verbs }) => !virtual && verbs.includes('list'));
  const kinds = new Map(stored.map((kind) => [`${kind.group}/${kind.plural}`, kind]));
  const counts = [...kinds.values()].map((kind) => [kind, registry.list(kind, {}).entries.length] as const);
  return [
    {
      name: 'apiserver_resource_objects',
      type: 'gauge',
      help: 'Number of stored objects by group and resource.',
      values: counts.map(([{ group, plural }, n]) => [labelsOf({ group, resource: plural }), n]),
    },
    {
      name: 'apiserver_storage_objects',
      type: 'gauge',
      help: 'Number of stored objects; apiserver_resource_objects is its successor.',
      values: counts.map(([{ group, plural }, n]) => [
        labelsOf({ resource: group === '' ? plural : `${plural}.${group}` }),
        n,
      ]),
    },
  ];
}
