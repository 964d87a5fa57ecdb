import type { Box } from '../box/box.ts';
import { shellPod } from '../manifests.ts';

const RUNS = 5;
const PORT = 8080;

/** Times a shell script inside the box, without what entering the box costs. Resolves to milliseconds. */
export async function timed(box: Box, prepare: string, measured: string, after = 'true'): Promise<number> {
  const script = `${prepare}
    begin=$(date +%s%N)
    { ${measured}; } >/dev/null 2>&1 || exit 1
    end=$(date +%s%N)
    { ${after}; } >/dev/null 2>&1
    echo $(( (end - begin) / 1000 ))`;
  return Number((await box.must(['bash', '-c', script], { timeout: 960_000 })).trim().split('\n').at(-1)) / 1000;
}

async function repeated(runs: number, measure: () => Promise<number>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let i = 0; i < runs; i += 1) samples.push(await measure());
  return samples;
}

/** From `systemctl start` of a stopped server to its first answer. */
export function startToFirstAnswer(box: Box): Promise<readonly number[]> {
  const answer = 'curl --silent --fail --insecure --max-time 30 https://127.0.0.1:6443/readyz';
  const stop = 'systemctl stop quadshift.service';
  return repeated(RUNS, () => timed(box, stop, `systemctl start --no-block quadshift.service; ${answer}`));
}

/** Resident memory of the server in MB. */
export async function residentMemory(box: Box): Promise<number> {
  const script = 'grep VmRSS /proc/$(systemctl show --property MainPID --value quadshift.service)/status';
  return Number(/(\d+) kB/.exec(await box.must(['sh', '-c', script]))?.[1] ?? Number.NaN) / 1000;
}

const serving = { httpGet: { path: '/', port: PORT }, periodSeconds: 1 };
const container = { name: 'main', image: 'localhost:5000/hello:v1', ports: [{ containerPort: PORT }] };

/** The manifest whose start is compared. Podman gets it without the probe, as it would run curl inside the image. */
function pod(name: string, probed: boolean): string {
  return shellPod(name, '', { containers: [probed ? { ...container, readinessProbe: serving } : container] });
}

/** `kubectl apply` of one pod until it is Ready. */
export function applyToReady(box: Box): Promise<readonly number[]> {
  const file = '/var/tmp/bench-pod.json';
  const wait = 'kubectl wait --for=condition=Ready pod/bench --timeout=60s';
  const gone = 'kubectl delete pod bench --grace-period=1';
  const write = `cat > ${file} <<'EOF'\n${pod('bench', true)}\nEOF`;
  return repeated(RUNS, () => timed(box, write, `kubectl apply -f ${file} && ${wait}`, gone));
}

/** `podman kube play` of the same pod until it answers. */
export function kubePlayToServing(box: Box): Promise<readonly number[]> {
  const file = '/var/tmp/bench-play.json';
  const write = `cat > ${file} <<'EOF'\n${pod('bench-play', false)}\nEOF`;
  return repeated(RUNS, () => timed(box, write, playUntilServing(file, [PORT]), `podman kube down --force ${file}`));
}

/**
 * The commands that play a file and wait for answers at the ports. The address is given, as to ask Podman for it takes
 * 100 ms; so is the hardware address, as the host would look for the last one's for seconds.
 */
export function playUntilServing(file: string, ports: readonly number[]): string {
  const [address, hardware] = ['10.42.250.3', '0a:58:0a:2a:fa:03'];
  const answers = ports.map(
    (port) => `until curl --silent --fail --max-time 1 http://${address}:${port}/; do sleep 0.02; done`,
  );
  const play = `podman kube play --network quadshift --ip ${address} --mac-address ${hardware} ${file}`;
  return [`${play} || exit 1`, ...answers].join('\n');
}

/** What many Deployments at once cost: milliseconds until they are there, and until their pods are; reloads meanwhile. */
export interface ManyDeployments {
  readonly created: number;
  readonly available: number;
  readonly reloads: number;
}

const MANY = '/var/tmp/bench-many.json';
const RELOADS = 'journalctl -q -b -o cat _PID=1 | grep -c "^Reload requested"';

/** Deployments of one replica each, applied with one command. */
export async function manyDeployments(box: Box, count: number): Promise<ManyDeployments> {
  const items = Array.from({ length: count }, (_, i) => {
    const labels = { app: `bench-many-${i}`, set: 'bench-many' };
    const main = { name: 'main', image: 'localhost:5000/busybox:latest', command: ['sleep', 'infinity'] };
    const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [main] } };
    const spec = { selector: { matchLabels: labels }, template };
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: labels.app, labels }, spec };
  });
  await box.must(['sh', '-c', `cat > ${MANY}`], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  const before = Number(await box.must(['sh', '-c', RELOADS]));
  const created = await timed(box, 'true', `kubectl apply -f ${MANY}`);
  const wait = 'kubectl wait deployment -l set=bench-many --for=condition=Available --timeout=900s';
  const rest = await timed(box, 'true', wait);
  const reloads = Number(await box.must(['sh', '-c', RELOADS])) - before;
  await box.must(['kubectl', 'delete', 'deployment', '-l', 'set=bench-many', '--wait=false'], { timeout: 300_000 });
  await box.must(['kubectl', 'wait', 'pod', '-l', 'set=bench-many', '--for=delete', '--timeout=900s'], {
    timeout: 960_000,
  });
  return { created, available: created + rest, reloads };
}

/** Twenty replicas at once until the rollout is done. */
export function twentyPods(box: Box): Promise<readonly number[]> {
  const file = '/var/tmp/bench-twenty.json';
  const labels = { app: 'bench-twenty' };
  const spec = {
    replicas: 20,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { terminationGracePeriodSeconds: 1, containers: [{ ...container, readinessProbe: serving }] },
    },
  };
  const manifest = JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'bench-twenty' },
    spec,
  });
  const write = `cat > ${file} <<'EOF'\n${manifest}\nEOF`;
  const gone = 'kubectl delete deployment bench-twenty --cascade=foreground --timeout=120s';
  return repeated(2, () =>
    timed(
      box,
      write,
      `kubectl apply -f ${file} && kubectl rollout status deployment/bench-twenty --timeout=180s`,
      gone,
    ),
  );
}
