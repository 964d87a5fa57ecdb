import type { Box } from '../box/box.ts';
import { eventually } from '../box/wait.ts';
import { routerLoad } from './router-load.ts';

const ROUNDS = 7;
const ROUND_MS = 2_000;
/** Port of the HAProxy beside ours in the box. */
const BESIDE = 8099;
const HOST = 'bench.test';

/** Requests per second of the router and of a configuration written by hand, round by round. */
export interface RouterRates {
  readonly ours: readonly number[];
  readonly byHand: readonly number[];
}

const objects = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'bench-router' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'bench-router' } },
      template: {
        metadata: { labels: { app: 'bench-router' } },
        spec: { containers: [{ name: 'main', image: 'localhost:5000/hello:v1' }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'bench-router' },
    spec: { selector: { app: 'bench-router' }, ports: [{ port: 80, targetPort: 8080 }] },
  },
  {
    apiVersion: 'route.openshift.io/v1',
    kind: 'Route',
    metadata: { name: 'bench-router', annotations: { 'haproxy.router.openshift.io/disable_cookies': 'true' } },
    spec: { host: HOST, to: { kind: 'Service', name: 'bench-router' } },
  },
];

/** What an administrator would write for two servers. */
function handWritten(servers: readonly string[]): string {
  return [
    'global\n  user haproxy\n  group haproxy',
    'defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s',
    `frontend web\n  bind :${BESIDE}\n  option forwardfor\n  default_backend pods`,
    `backend pods\n  balance random\n${servers.map((server, i) => `  server s${i} ${server}:8080`).join('\n')}`,
    '',
  ].join('\n');
}

async function serve(box: Box): Promise<void> {
  await box.must(['kubectl', 'apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  });
  await box.must(['kubectl', 'rollout', 'status', 'deployment/bench-router', '--timeout=60s']);
  const list = ['get', 'pods', '-l', 'app=bench-router', '-o', 'jsonpath={.items[*].status.podIP}'];
  const addresses = (await box.must(['kubectl', ...list])).trim().split(' ');
  await box.must(['sh', '-c', 'cat >/run/bench-haproxy.cfg'], { input: handWritten(addresses) });
  await box.must(['systemd-run', '--quiet', '--unit=bench-haproxy', 'haproxy', '-Ws', '-f', '/run/bench-haproxy.cfg']);
}

/** Both serve the same pods at the same time and are asked in turns, so that a busy machine harms both alike. */
export async function routerRates(box: Box): Promise<RouterRates> {
  await serve(box);
  const host = await box.address();
  const ask = (port: number) => routerLoad({ host, port, name: HOST, ms: ROUND_MS });
  const answers = async () => (await ask(80)).failures === 0 && (await ask(BESIDE)).failures === 0;
  await eventually(answers, { timeoutMs: 30_000, what: 'both routers to answer' });
  const [ours, byHand]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push((await ask(80)).rate);
    byHand.push((await ask(BESIDE)).rate);
  }
  await box.must(['systemctl', 'stop', 'bench-haproxy.service']);
  return { ours, byHand };
}

/** Requests that failed while the router was reloaded so often under load, and how many did not. */
export async function requestsOverReloads(box: Box, reloads: number): Promise<{ answered: number; failures: number }> {
  const host = await box.address();
  const over = new AbortController();
  const load = routerLoad({ host, port: 80, name: HOST, ms: 600_000, signal: over.signal, newConnections: true });
  for (let i = 0; i < reloads; i += 1) await box.must(['systemctl', 'reload', 'quadshift-router.service']);
  over.abort();
  return load;
}
