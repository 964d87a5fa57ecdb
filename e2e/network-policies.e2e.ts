import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pod } from '../src/kinds/types.ts';
import { pageOnHost, startClient, untilPage } from './clients.ts';
import { box, eventually, kubectl } from './harness.ts';
import { shellPod, webDeployment } from './manifests.ts';
import { apply, getObject, isReady, podsOf, remove, run, untilPod, untilRolledOut } from './pods.ts';

const NAMESPACE = 'policies-other';
const DOWNLOAD = 'while :; do echo x; sleep 0.1 & wait $!; done';

/** Clients by name: where they are. */
const CLIENTS = { friend: 'default', stranger: 'default', foreigner: NAMESPACE } as const;
type Client = keyof typeof CLIENTS;

let server: string;
let service: string;

async function startForeigner(): Promise<void> {
  await apply(
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: { e2e: 'other' } } }),
  );
  const metadata = { name: 'foreigner', namespace: NAMESPACE, labels: { app: 'foreigner' } };
  const command = ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'];
  const containers = [{ name: 'main', image: 'localhost:5000/busybox:latest', command }];
  const spec = { terminationGracePeriodSeconds: 1, containers };
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
  await run('wait', '-n', NAMESPACE, 'pod/foreigner', '--for=condition=Ready', '--timeout=60s');
}

beforeAll(async () => {
  await apply(webDeployment({ name: 'guarded' }));
  const spec = { selector: { app: 'guarded' }, ports: [{ port: 80, targetPort: 8080 }] };
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'guarded' }, spec }));
  const dripping = {
    name: 'main',
    image: 'localhost:5000/busybox:latest',
    command: ['nc', '-ll', '-p', '9000', '-e', 'sh', '-c', DOWNLOAD],
  };
  await Promise.all([
    startClient('friend'),
    startClient('stranger'),
    startClient('dripping', { containers: [dripping] }),
    startForeigner(),
    untilRolledOut('guarded'),
  ]);
  server = `http://${(await podsOf('guarded'))[0]?.status?.podIP}:8080/`;
  service = (await getObject<{ spec: { clusterIP: string } }>('service', 'guarded')).spec.clusterIP;
}, 120_000);

afterAll(async () => {
  await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  await remove('networkpolicy', '--all');
  await remove('deployment/guarded', 'service/guarded', 'pod/friend', 'pod/stranger', 'pod/dripping');
  await remove('namespace', NAMESPACE);
});

/** Whether a client gets the page, asked in the box: it works while nobody answers the API. */
async function reaches(client: Client, url = `http://${service}/`): Promise<boolean> {
  const container = `qs-${CLIENTS[client]}_${client}_main`;
  return (await box.exec(['podman', 'exec', container, 'wget', '-q', '-T', '1', '-O', '-', url])).code === 0;
}

/** Who gets the page, in the order of their names. */
async function visitors(url?: string): Promise<readonly string[]> {
  const names = Object.keys(CLIENTS) as Client[];
  const reached = await Promise.all(names.map((client) => reaches(client, url)));
  return names.filter((_, i) => reached[i]);
}

async function untilVisitors(expected: readonly Client[]): Promise<void> {
  await eventually(
    async () => {
      const now = await visitors();
      if (now.join() !== expected.join()) throw new Error(`it is reached by ${now.join() || 'nobody'}`);
      return true;
    },
    { what: `only ${expected.join() || 'nobody'} to get through` },
  );
}

/** The one policy about the server. */
async function setPolicy(spec: object): Promise<void> {
  const metadata = { name: 'about-the-server' };
  const podSelector = { matchLabels: { app: 'guarded' } };
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: { podSelector, ...spec },
  };
  const result = await kubectl(['replace', '--force', '-f', '-'], { input: JSON.stringify(policy) });
  if (result.code !== 0) await apply(JSON.stringify(policy));
}

const ALL: readonly Client[] = ['friend', 'stranger', 'foreigner'];
const FRIENDS = { podSelector: { matchLabels: { app: 'friend' } } };

describe('a NetworkPolicy about a server', () => {
  it('that allows nothing keeps everybody out but the node', async () => {
    await untilVisitors(ALL);
    await setPolicy({ policyTypes: ['Ingress'] });
    await untilVisitors([]);
    expect(await visitors(server)).toEqual([]);
    await untilPage(() => pageOnHost(server), /hello from Quadshift/);
    await eventually(async () => isReady((await podsOf('guarded'))[0] as Pod), { what: 'its probes to get through' });
  });

  it('lets in by label, by namespace and by address', async () => {
    await setPolicy({ ingress: [{ from: [FRIENDS] }] });
    await untilVisitors(['friend']);
    await setPolicy({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { e2e: 'other' } } }] }] });
    await untilVisitors(['foreigner']);
    const { podIP } = (await getObject<{ status: { podIP: string } }>('pod', 'stranger')).status;
    await setPolicy({ ingress: [{ from: [{ ipBlock: { cidr: '10.42.0.0/16', except: [`${podIP}/32`] } }] }] });
    await untilVisitors(['friend', 'foreigner']);
  });

  it('lets in at its ports only', async () => {
    await setPolicy({ ingress: [{ ports: [{ port: 9000, endPort: 9999 }] }] });
    await untilVisitors([]);
    await setPolicy({ ingress: [{ ports: [{ port: 8000, endPort: 8999 }] }] });
    await untilVisitors(ALL);
  });

  it('follows labels', async () => {
    await setPolicy({ ingress: [{ from: [{ podSelector: { matchLabels: { trusted: 'yes' } } }] }] });
    await untilVisitors([]);
    await run('label', 'pod/stranger', 'trusted=yes');
    await untilVisitors(['stranger']);
    await run('label', 'pod/stranger', 'trusted-');
    await untilVisitors([]);
  });
});

describe('a NetworkPolicy about a client', () => {
  const about = async (name: string, spec: object): Promise<void> => {
    const podSelector = { matchLabels: { app: name } };
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: `about-${name}` } };
    await apply(JSON.stringify({ ...policy, spec: { podSelector, policyTypes: ['Egress'], ...spec } }));
  };

  it('keeps it in, and leaves it its resolver', async () => {
    await setPolicy({ ingress: [{}] });
    await untilVisitors(ALL);
    await about('friend', {});
    await untilVisitors(['stranger', 'foreigner']);
    const name = 'guarded.default.svc.cluster.local';
    expect(await run('exec', 'friend', '--', 'nslookup', '-type=a', name)).toContain(service);
  });

  it('lets it out to whom and where it says', async () => {
    const to = [{ podSelector: { matchLabels: { app: 'guarded' } } }];
    await about('friend', { egress: [{ to, ports: [{ port: 8080 }] }] });
    await untilVisitors(ALL);
    await remove('networkpolicy/about-friend');
  });

  it('ends connections that it no longer allows', async () => {
    const { podIP } = (await untilPod('dripping', isReady, 'ready')).status ?? {};
    const count = async () => Number(await run('exec', 'stranger', '--', 'sh', '-c', 'wc -l < /tmp/drops || echo 0'));
    await run('exec', 'stranger', '--', 'sh', '-c', `nc ${podIP} 9000 >/tmp/drops 2>/dev/null </dev/null &`);
    await eventually(async () => (await count()) > 3, { what: 'drops' });
    await about('stranger', {});
    await eventually(
      async () => {
        const before = await count();
        await box.must(['sleep', '1']);
        return (await count()) === before;
      },
      { what: 'the end of the drops' },
    );
    await remove('networkpolicy/about-stranger');
  });
});

it('a pod is under its policies before it runs', async () => {
  await setPolicy({ ingress: [{}] });
  await untilVisitors(ALL);
  const policy = { podSelector: { matchLabels: { app: 'hasty' } }, policyTypes: ['Egress'] };
  const metadata = { name: 'about-hasty' };
  await apply(JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: policy }));
  const script = `wget -q -T 1 -O - ${server} || echo kept`;
  await apply(shellPod('hasty', script, { restartPolicy: 'Never' }));
  await untilPod('hasty', (pod) => pod.status?.phase === 'Succeeded', 'Succeeded');
  expect(await run('logs', 'hasty')).toMatch(/kept$/m);
  await remove('pod/hasty', 'networkpolicy/about-hasty');
});

it('policies hold after a boot without the API server', async () => {
  await setPolicy({ ingress: [{ from: [FRIENDS] }] });
  await untilVisitors(['friend']);
  await box.must(['systemctl', 'mask', '--now', 'quadshift.service', 'quadshift.socket']);
  await box.reboot();
  await untilVisitors(['friend']);
});
