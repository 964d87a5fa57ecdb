import type { Box } from '../box/box.ts';
import { playUntilServing, timed } from './in-box.ts';
import { errorOfMedian, median } from './samples.ts';

const RUNS = 15;
const PORTS: readonly number[] = [8080, 8081, 8082];

/** Milliseconds of each way to start the pod, measured in turns. */
export interface ThreeContainers {
  /** `kubectl apply` until the pod is Ready. */
  readonly apply: readonly number[];
  /** `podman kube play` of the same manifest until all three answer. Of the probes it knows liveness alone. */
  readonly play: readonly number[];
  /** The same without any probes, so that Podman makes no timers for them. */
  readonly playUnprobed: readonly number[];
}

/** `npm run bench`: how many times as long as Podman alone it takes, turn by turn, and by the medians. */
export function renderThreeContainers({ apply, play }: ThreeContainers): string {
  const ratios = apply.map((took, turn) => took / (play[turn] ?? Number.NaN));
  const byTurn = `${median(ratios).toFixed(2)} ± ${errorOfMedian(ratios).toFixed(2)}`;
  const byMedian = (median(apply) / median(play)).toFixed(2);
  return `three containers with probes: ${byMedian} × podman kube play by the medians, ${byTurn} by the turns\n`;
}

interface PodOptions {
  readonly name: string;
  readonly probed: boolean;
}

function container(port: number, { name, probed }: PodOptions): object {
  const httpGet = { path: '/', port };
  const probes = { readinessProbe: { httpGet, periodSeconds: 1 }, livenessProbe: { httpGet, periodSeconds: 10 } };
  return {
    name: `web-${port}`,
    image: 'localhost:5000/hello:v1',
    command: ['sh', '-c', `exec httpd -f -p ${port} -h /www`],
    ports: [{ containerPort: port }],
    envFrom: [{ configMapRef: { name: `${name}-settings` } }],
    volumeMounts: [{ name: 'files', mountPath: '/etc/files' }],
    ...(probed ? probes : {}),
  };
}

/** Two ConfigMaps, one as variables and one as files, and a pod of three servers that read both. */
function manifest(options: PodOptions): string {
  const { name } = options;
  const configMap = (what: string, data: object) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-${what}` },
    data,
  });
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      volumes: [{ name: 'files', configMap: { name: `${name}-files` } }],
      containers: PORTS.map((port) => container(port, options)),
    },
  };
  const files = { 'a.conf': 'one\n', 'b.conf': 'two\n' };
  const objects = [configMap('settings', { GREETING: 'hello', LEVEL: '3' }), configMap('files', files), pod];
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('');
}

/** What either way reads of programs and images, so that the disk of a machine that is short of memory isn't measured. */
const READ = [
  'cat $(command -v podman kubectl conmon crun nft curl) /usr/lib/podman/* /usr/lib/quadshift/* /usr/lib/systemd/systemd*',
  'find /usr/lib/*-linux-gnu /var/lib/containers /root/.kube -type f -exec cat {} +',
].map((read) => `${read} > /dev/null 2>&1`);

function start(box: Box, options: PodOptions, commands: (file: string) => readonly [measured: string, after: string]) {
  const file = `/var/tmp/${options.name}.yaml`;
  const [measured, after] = commands(file);
  const prepare = [`cat > ${file} <<'EOF'\n${manifest(options)}EOF`, ...READ].join('\n');
  return timed(box, prepare, measured, after);
}

/** A pod of three containers with two ConfigMaps and probes, by us and by Podman in turns. */
export async function threeContainers(box: Box): Promise<ThreeContainers> {
  const [apply, play, playUnprobed]: [number[], number[], number[]] = [[], [], []];
  const wait = 'kubectl wait --for=condition=Ready pod/bench-three --timeout=60s';
  const played = (file: string) => [playUntilServing(file, PORTS), `podman kube down --force ${file}`] as const;
  for (let run = 0; run < RUNS; run += 1) {
    apply.push(
      await start(box, { name: 'bench-three', probed: true }, (file) => [
        `kubectl apply -f ${file} && ${wait}`,
        `kubectl delete -f ${file} --grace-period=1`,
      ]),
    );
    play.push(await start(box, { name: 'play-three', probed: true }, played));
    playUnprobed.push(await start(box, { name: 'play-plain', probed: false }, played));
  }
  return { apply, play, playUnprobed };
}
