import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pod, Service } from '../src/kinds/types.ts';
import { box, eventually, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import {
  BORROWED,
  ELSEWHERE,
  elsewhere,
  host,
  insideOf,
  overUdp,
  type Place,
  plugInElsewhere,
  STAY,
  serveElsewhere,
  unplugElsewhere,
  WHO,
} from './places.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';

const friend = insideOf('friend');
const stranger = insideOf('stranger');
/** On the host's network: to policies it is the node. */
const hostling = insideOf('hostling');
const places: readonly Place[] = [friend, stranger, hostling, host, elsewhere];
const NODE = [hostling, host];
const DRIP = 'nc -ll -p 9000 -e sh -c "while :; do echo x; sleep 0.1; done" & wait $!';

let address: string;
let service: string;
let viaNode: string;

async function startPod(name: string, script: string, spec: object = {}): Promise<void> {
  const main = {
    ...{ name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', script] },
    ...{ volumeMounts: BORROWED.volumeMounts, env: [{ name: 'PORT', value: '8080' }] },
    ports: [
      { name: 'web', containerPort: 8080 },
      { name: 'who', containerPort: 9053, protocol: 'UDP' },
    ],
  };
  const probe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, failureThreshold: 1 };
  const livenessProbe = { ...probe, timeoutSeconds: 30 };
  const probed = name === 'vault' ? { ...main, readinessProbe: probe, livenessProbe } : main;
  await apply(shellPod(name, '', { volumes: BORROWED.volumes, containers: [probed], ...spec }));
}

beforeAll(async () => {
  await plugInElsewhere();
  await Promise.all([
    serveElsewhere(),
    startPod('vault', WHO),
    startPod('friend', STAY),
    startPod('stranger', STAY),
    startPod('hostling', STAY, { hostNetwork: true }),
    startPod('dripping', `trap exit TERM; ${DRIP}`),
  ]);
  for (const name of ['vault', 'friend', 'stranger', 'hostling', 'dripping']) await untilPod(name, isReady, 'ready');
  const ports = [{ port: 80, targetPort: 'web' }];
  const spec = { type: 'NodePort', selector: { app: 'vault' }, ports };
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'vault' }, spec }));
  const made = (await getObject<Service>('service', 'vault')).spec;
  address = (await getObject<Pod>('pod', 'vault')).status?.podIP ?? '';
  service = `http://${made?.clusterIP}/`;
  viaNode = `http://${await box.address()}:${made?.ports?.[0]?.nodePort}/`;
}, 120_000);

afterAll(async () => {
  await unplugElsewhere();
  await box.exec(['systemctl', 'stop', 'drops.service']);
  await remove('networkpolicy', '--all');
  const pods = ['vault', 'friend', 'stranger', 'hostling', 'dripping'].map((name) => `pod/${name}`);
  await remove('service/vault', ...pods);
});

/** The policies of a name each, and no others. */
async function setPolicies(...specs: readonly object[]): Promise<void> {
  const items = specs.map((spec, i) => ({
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: `p${i}`, namespace: 'default' } },
    spec: { podSelector: { matchLabels: { app: 'vault' } }, ...spec },
  }));
  await remove('networkpolicy', '--all');
  if (items.length > 0) await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** Names of those for whom it works. */
async function whoCan(look: (from: Place) => Promise<string>): Promise<readonly string[]> {
  const able = await Promise.all(
    places.map((from) =>
      look(from).then(
        () => true,
        () => false,
      ),
    ),
  );
  return places.filter((_, i) => able[i]).map(({ name }) => name);
}

const word = (from: Place) => overUdp(from, address, 9053, 1);

/** Through the Service, its node port, and straight; and by UDP. */
async function untilVisitors(expected: readonly Place[], byUdp: readonly Place[] = expected): Promise<void> {
  const names = (wanted: readonly Place[]) => places.filter((each) => wanted.includes(each)).map(({ name }) => name);
  const pages = [service, viaNode, `http://${address}:8080/`].map((url) => (from: Place) => from.page(url, 1));
  const wanted = [...pages.map(() => names(expected)), names(byUdp)];
  const compare = async () => expect(await Promise.all([...pages, word].map(whoCan))).toEqual(wanted);
  await eventually(compare, { what: `only ${names(expected).join(', ')} to get through` });
}

describe('who gets to a pod', () => {
  it('is everybody without a policy, and only its node where nothing is allowed; its probes go on', async () => {
    await untilVisitors(places);
    await setPolicies({});
    await untilVisitors(NODE);
    const pod = await untilPod('vault', isReady, 'ready under its policy');
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  it('is a machine by its address, through a Service too, unless it is excepted', async () => {
    const ipBlock = { cidr: '203.0.113.0/24' };
    await setPolicies({ ingress: [{ from: [{ ipBlock }] }] });
    await untilVisitors([...NODE, elsewhere]);
    await setPolicies({ ingress: [{ from: [{ ipBlock: { ...ipBlock, except: [`${ELSEWHERE.address}/32`] } }] }] });
    await untilVisitors(NODE);
  });

  it('is told by ports, by name and by protocol', async () => {
    await setPolicies({ ingress: [{ ports: [{ port: 'web' }] }] });
    await untilVisitors(places, NODE);
    await setPolicies({ ingress: [{ ports: [{ port: 'who', protocol: 'UDP' }] }] });
    await untilVisitors(NODE, places);
    await setPolicies({ ingress: [{ ports: [{ port: 9000, endPort: 9100, protocol: 'UDP' }] }] });
    await untilVisitors(NODE, places);
  });

  it('is told by labels of pods and namespaces together, and policies add up', async () => {
    const matchExpressions = [{ key: 'app', operator: 'In', values: ['friend', 'nobody'] }];
    const here = { matchLabels: { 'kubernetes.io/metadata.name': 'default' } };
    const friends = { from: [{ namespaceSelector: here, podSelector: { matchExpressions } }] };
    await setPolicies({ ingress: [friends] });
    await untilVisitors([...NODE, friend]);
    const machine = { from: [{ ipBlock: { cidr: `${ELSEWHERE.address}/32` } }] };
    await setPolicies({ ingress: [friends] }, { ingress: [machine] }, { podSelector: {} });
    await untilVisitors([...NODE, friend, elsewhere]);
  });
});

describe('where a pod gets to', () => {
  const about = { podSelector: { matchLabels: { app: 'friend' } }, policyTypes: ['Egress'] };
  const machine = `http://${ELSEWHERE.address}:8080/`;
  const reached = async () => {
    const looks = [service, machine, `http://${address}:8080/`].map((url) => friend.page(url, 1));
    return (await Promise.allSettled(looks)).map(({ status }) => status === 'fulfilled');
  };
  const untilReached = (...expected: readonly boolean[]) =>
    eventually(async () => expect(await reached()).toEqual(expected), { what: 'that way out' });

  it('is nowhere but its node and the names when nothing is allowed', async () => {
    await setPolicies();
    await untilReached(true, true, true);
    await setPolicies(about);
    await untilReached(false, false, false);
    expect(await friend.run('nslookup', '-type=a', 'vault.default.svc.cluster.local')).toContain('Address: 10.43.');
    expect(await stranger.page(machine)).toMatch(/^elsewhere/);
  });

  it('is a machine by its address, and a pod by labels and a named port', async () => {
    await setPolicies({ ...about, egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }] });
    await untilReached(false, true, false);
    const except = [`${ELSEWHERE.address}/32`];
    await setPolicies({ ...about, egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except } }] }] });
    await untilReached(true, false, true);
    const to = [{ podSelector: { matchLabels: { app: 'vault' } } }];
    await setPolicies({ ...about, egress: [{ to, ports: [{ port: 'web' }] }] });
    await untilReached(true, false, true);
    await setPolicies({ ...about, egress: [{ to, ports: [{ port: 'who', protocol: 'UDP' }] }] });
    await untilReached(false, false, false);
    expect(await word(friend)).toContain('vault');
  });
});

it('another machine’s connection ends when it is no longer allowed', async () => {
  await setPolicies();
  const { podIP } = (await getObject<Pod>('pod', 'dripping')).status ?? {};
  const client = `busybox nc ${podIP} 9000 </dev/null >/run/drops`;
  const unit = ['systemd-run', '--quiet', '--collect', '--unit=drops', 'ip', 'netns', 'exec', 'elsewhere'];
  await box.must([...unit, 'sh', '-c', client]);
  const count = async () => Number(await box.must(['sh', '-c', 'wc -c </run/drops || echo 0']));
  await eventually(async () => (await count()) > 3, { what: 'drops' });
  await setPolicies({ podSelector: { matchLabels: { app: 'dripping' } } });
  const isOver = async () => {
    const before = await count();
    await box.must(['sleep', '1']);
    return (await count()) === before;
  };
  await eventually(isOver, { what: 'the end of the drops' });
});

it('a policy that can’t be kept is refused, and harms no other', async () => {
  await setPolicies({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'friend' } } }] }] });
  const ingress = [{ from: [{ ipBlock: { cidr: '10.0.0.0/8; flush ruleset' } }] }];
  const metadata = { name: 'evil', namespace: 'default' };
  const evil = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: { podSelector: {}, ingress },
  };
  expect((await kubectl(['apply', '-f', '-'], { input: JSON.stringify(evil) })).stderr).toContain('Invalid value');
  await untilVisitors([...NODE, friend]);
  expect(await run('get', 'networkpolicies', '-o', 'name')).toBe('networkpolicy.networking.k8s.io/p0\n');
});
