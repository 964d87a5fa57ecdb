import type { Box } from '../box/box.ts';
import { shellPod } from '../manifests.ts';
import { errorOfMedian, median } from './samples.ts';

const MEGABYTES = 40;
const FILE = '/var/tmp/bench-upload';
const SINK = 'bench-sink.service';

/** What a path costs, round by round, and the same by the pod's own address in between. */
export interface PathCost {
  readonly what: string;
  readonly unit: string;
  readonly service: readonly number[];
  readonly direct: readonly number[];
}

/** What is asked for in each round, and from where. */
interface Way {
  readonly what: string;
  readonly unit: 'µs' | 'ms';
  readonly from: 'host' | 'pod';
  readonly target: string;
  readonly upload?: boolean;
  readonly rounds: number;
}

/**
 * A round asks once by each address. Single ones differ by a third and more on a busy machine, so that what counts is that there are
 * many: short ones in turns say more than long ones.
 */
const WAYS: readonly Way[] = [
  { what: 'a request, host to pod', unit: 'µs', from: 'host', target: ':8080/', rounds: 4000 },
  { what: 'a request, pod to pod', unit: 'µs', from: 'pod', target: ':8080/', rounds: 4000 },
  { what: `${MEGABYTES} MB to a pod that asks`, unit: 'ms', from: 'pod', target: ':8080/big', rounds: 1000 },
  {
    what: `${MEGABYTES} MB from a pod that sends`,
    unit: 'ms',
    from: 'pod',
    target: ':8081/',
    upload: true,
    rounds: 1000,
  },
];

/** Per cent that the Service costs beyond the pod's address: the median of the rounds, and how far it may well be off. */
export function surcharge({ service, direct }: PathCost): { readonly percent: number; readonly error: number } {
  const more = service.map((cost, i) => (100 * cost) / (direct[i] ?? Number.NaN) - 100);
  return { percent: median(more), error: errorOfMedian(more) };
}

/** `Service, <what>: … by the pod's address …: … % more`, a line per path. */
export function renderPaths(paths: readonly PathCost[]): string {
  const lines = paths.map((path) => {
    const { percent, error } = surcharge(path);
    const [through, beside] = [path.service, path.direct].map((costs) => `${median(costs).toFixed(1)} ${path.unit}`);
    return `Service, ${path.what}: ${through}, by the pod's address ${beside}: ${percent.toFixed(1)} ± ${error.toFixed(1)} % more\n`;
  });
  return lines.join('');
}

const SERVE = `mkdir -p /www; truncate -s ${MEGABYTES}M /www/big; echo ok >/www/index.html; trap exit TERM; httpd -p 8080 -h /www; while :; do sleep 1 & wait $!; done`;

/** Takes what is sent, and says so when it has all of it; in the background once it listens. */
const RECEIVE = [
  '$l = IO::Socket::INET->new(LocalPort => 8081, Listen => 99, ReuseAddr => 1) or die $!; exit if fork',
  'while ($s = $l->accept) { $n = 0; while (<$s>) { $n = $1 if /^Content-Length: (\\d+)/i; last if /^\\r\\n/ }',
  'while ($n > 0) { $k = read($s, $_, $n < 65536 ? $n : 65536) or last; $n -= $k }',
  'print $s "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n"; close $s }',
].join('; ');

/** Measures in this box, which is left with what was made for it. */
export async function pathCosts(box: Box): Promise<readonly PathCost[]> {
  const addresses = await makeServed(box);
  const costs: PathCost[] = [];
  for (const way of WAYS) costs.push(await inTurns(box, way, addresses));
  await box.must(['systemctl', 'stop', SINK]);
  return costs;
}

interface Addresses {
  readonly direct: string;
  readonly service: string;
}

async function makeServed(box: Box): Promise<Addresses> {
  const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
  const image = 'localhost:5000/busybox:latest';
  const containers = [{ name: 'main', image, command: ['sh', '-c', SERVE], readinessProbe }];
  const ports = [8080, 8081].map((port) => ({ name: `p${port}`, port }));
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'bench-served' } };
  const objects = [
    shellPod('bench-served', '', { containers }),
    shellPod('bench-asker', 'trap exit TERM; while :; do sleep 1 & wait $!; done'),
    JSON.stringify({ ...service, spec: { selector: { app: 'bench-served' }, ports } }),
  ];
  for (const input of objects) await box.must(['kubectl', 'apply', '-f', '-'], { input });
  await box.must(['kubectl', 'wait', '--for=condition=Ready', 'pod/bench-served', 'pod/bench-asker', '--timeout=60s']);
  await box.must(['truncate', '-s', `${MEGABYTES}M`, FILE]);
  await box.must([
    ...['systemd-run', '--quiet', '--collect', `--unit=${SINK}`, '--property=Type=forking', '--expand-environment=no'],
    ...[...(await inPod(box, 'bench-served')), 'perl', '-MIO::Socket::INET', '-e', RECEIVE],
  ]);
  const get = (what: string, path: string) =>
    box.must(['kubectl', 'get', what, 'bench-served', '-o', `jsonpath=${path}`]);
  return { direct: await get('pod', '{.status.podIP}'), service: await get('service', '{.spec.clusterIP}') };
}

/** The box's own programs on a pod's network: to enter a container takes longer than what is measured. */
async function inPod(box: Box, pod: string): Promise<readonly string[]> {
  const pid = await box.must(['podman', 'inspect', '--format', '{{.State.Pid}}', `qs-default_${pod}_main`]);
  return ['nsenter', '--net', '--target', pid.trim()];
}

/**
 * One curl asks by both addresses in turns, who is first in turns too, so that a busy machine harms both alike; each time with
 * a connection of its own. The time is curl's, from the begin of the connection to the last byte.
 */
async function inTurns(box: Box, way: Way, addresses: Addresses): Promise<PathCost> {
  const { what, unit, from, target, upload = false, rounds } = way;
  const scale = { µs: 1e6, ms: 1e3 }[unit];
  const order = Array.from({ length: rounds }, (_, i) =>
    i % 2 ? [addresses.direct, addresses.service] : [addresses.service, addresses.direct],
  ).flat();
  const lines = order.map(
    (address) => `url="http://${address}${target}"\noutput="/dev/null"\n${upload ? `upload-file="${FILE}"\n` : ''}`,
  );
  const curl = ['curl', '-sf', '--fail-early', '-H', 'Expect:', '-w', '%{time_total}\\n', '-K', '-'];
  const prefix = from === 'pod' ? await inPod(box, 'bench-asker') : [];
  const output = await box.must([...prefix, ...curl], { input: lines.join(''), timeout: 300_000 });
  const times = output
    .trim()
    .split('\n')
    .map((seconds) => Number(seconds) * scale);
  const of = (address: string): readonly number[] => times.filter((_, i) => order[i] === address);
  return { what, unit, service: of(addresses.service), direct: of(addresses.direct) };
}
