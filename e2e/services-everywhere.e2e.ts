import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../src/kinds/types.ts';
import { box, eventually } from './harness.ts';
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

type Spec = NonNullable<Service['spec']>;

const EXTERNAL = '198.51.100.9';
const WEB = { name: 'web', port: 80, targetPort: 'web' };
const UDP = { name: 'udp', port: 53, protocol: 'UDP', targetPort: 9053 };
const pod = insideOf('asker');
/** On the host's network. */
const hostling = insideOf('hostling');
const places: readonly Place[] = [pod, hostling, host, elsewhere];
const made: string[] = [];
let podIP: string;
let node: string;
let nodeName: string;

async function create(kind: string, name: string, body: object, apiVersion = 'v1'): Promise<void> {
  made.push(`${kind.toLowerCase()}/${name}`);
  const metadata = { name, namespace: 'default', ...('metadata' in body ? (body.metadata as object) : {}) };
  await apply(JSON.stringify({ apiVersion, kind, ...body, metadata }));
}

/** Makes a Service what is wanted, and tells what became of it. */
async function service(name: string, spec: object): Promise<Spec> {
  await create('Service', name, { spec });
  return (await getObject<Service>('service', name)).spec ?? {};
}

interface PodWish {
  readonly script?: string;
  /** Its port named `web`, where it listens. */
  readonly port?: number;
  readonly app?: string;
  readonly spec?: object;
  readonly readinessProbe?: object;
}

async function startPod(name: string, wish: PodWish): Promise<void> {
  const { script = WHO, port = 8080, app = name, readinessProbe, spec } = wish;
  const main = {
    ...{ name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', script], readinessProbe },
    ...{ volumeMounts: BORROWED.volumeMounts, env: [{ name: 'PORT', value: `${port}` }] },
    ports: [{ name: 'web', containerPort: port }],
  };
  const whole = JSON.parse(shellPod(name, '', { volumes: BORROWED.volumes, containers: [main], ...spec }));
  await create('Pod', name, { ...whole, metadata: { labels: { app } } });
}

/** Waits until a place gets an answer like this. */
async function until(from: Place, url: string, expected: RegExp): Promise<void> {
  const what = `${url} to answer ${from.name} with ${expected}`;
  await eventually(async () => expect(await from.page(url)).toMatch(expected), { what });
}

/** Waits until a place is refused, or until it hears nothing at all. */
async function untilNot(from: Place, url: string, how: 'refused' | 'silence'): Promise<void> {
  const pattern = { refused: /refused/i, silence: /timed out/i }[how];
  const what = `${how} for ${from.name} at ${url}`;
  await eventually(() => expect(from.page(url)).rejects.toThrow(pattern), { what });
}

const everywhere = (look: (from: Place) => Promise<unknown>) => Promise.all(places.map(look));
const nodePort = ({ ports = [] }: Spec, name = 'web') => ports.find((port) => port.name === name)?.nodePort ?? 0;

/** Who is asking, as a server of ours sees it. */
function sourceOf(from: Place): RegExp {
  if (from === pod) return new RegExp(` ${podIP}$`, 'm');
  if (from === elsewhere) return new RegExp(` ${ELSEWHERE.address}$`, 'm');
  return new RegExp(` (${node}|${ELSEWHERE.gateway}|10\\.42\\.0\\.1)$`, 'm');
}

beforeAll(async () => {
  await plugInElsewhere();
  await Promise.all([
    serveElsewhere(),
    startPod('asker', { script: STAY }),
    startPod('hostling', { script: STAY, spec: { hostNetwork: true } }),
    startPod('who', {}),
    startPod('also', { app: 'who', port: 8081 }),
    startPod('shy', { readinessProbe: { exec: { command: ['false'] }, periodSeconds: 1 } }),
  ]);
  for (const name of ['asker', 'hostling', 'who', 'also']) await untilPod(name, isReady, 'ready');
  const { spec, status } = await getObject<{ spec: { nodeName: string }; status: { podIP: string } }>('pod', 'asker');
  [podIP, nodeName, node] = [status.podIP, spec.nodeName, await box.address()];
}, 120_000);

afterAll(async () => {
  await unplugElsewhere();
  await remove(...new Set(made));
});

describe('a Service with several ports', () => {
  let spec: Spec;
  let addresses: readonly string[];

  beforeAll(async () => {
    const selector = { app: 'who' };
    spec = await service('who', {
      type: 'LoadBalancer',
      selector,
      externalIPs: [EXTERNAL],
      ports: [{ ...WEB, port: 8085 }, UDP],
    });
    addresses = [`${spec.clusterIP}:8085`, `${node}:${nodePort(spec)}`, `${node}:8085`, `${EXTERNAL}:8085`];
  });

  it('is reached at each of its addresses from everywhere, its target found by name, and sees who asks', async () => {
    await everywhere(async (from) => {
      for (const address of addresses) await until(from, `http://${address}/`, sourceOf(from));
      for (const name of ['who', 'also']) await until(from, `http://${addresses[0]}/`, new RegExp(`^${name} `));
    });
  });

  it('carries UDP, too', async () => {
    const at = [
      [spec.clusterIP, 53],
      [node, nodePort(spec, 'udp')],
      [EXTERNAL, 53],
    ] as const;
    await everywhere(async (from) => {
      for (const [address = '', port] of at) {
        const word = async () => expect(await overUdp(from, address, port)).toMatch(sourceOf(from));
        await eventually(word, { what: `an answer over UDP to ${from.name}` });
      }
    });
  });

  it('refuses at ports that it doesn’t have, and everywhere when nobody is behind it', async () => {
    await everywhere((from) => untilNot(from, `http://${spec.clusterIP}:81/`, 'refused'));
    const selector = { app: 'nobody' };
    const nobody = await service('nobody', {
      type: 'NodePort',
      selector,
      externalIPs: ['198.51.100.10'],
      ports: [WEB],
    });
    const none = [`${nobody.clusterIP}`, `${node}:${nodePort(nobody)}`, '198.51.100.10'];
    await everywhere(async (from) => {
      for (const address of none) await untilNot(from, `http://${address}/`, 'refused');
    });
  });

  it('keeps each client with one pod for as long as it was promised, and no longer', async () => {
    const sticky = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 2 } } };
    const { clusterIP } = await service('sticky', { selector: { app: 'who' }, ports: [WEB], ...sticky });
    const url = `http://${clusterIP}/`;
    const ask = async (from: Place) => (await from.page(url)).split(' ')[0];
    /** Who answers five times in a row; only worth something while none of them is later than promised. */
    const askInARow = async (from: Place): Promise<readonly string[]> => {
      const script = `for each in 1 2 3 4 5; do date +%s; busybox wget -q -T 2 -O - ${url}; done; date +%s`;
      const lines = (await from.run('busybox', 'sh', '-c', script)).trim().split('\n');
      const times = lines.filter((line) => /^\d+$/.test(line)).map(Number);
      if (times.some((time, i) => time - (times[i - 1] ?? time) > 1)) throw new Error('too slow to tell');
      return lines.filter((line) => /^[a-z]/.test(line)).map((line) => line.split(' ')[0] ?? '');
    };
    await everywhere(async (from) => {
      await until(from, url, /^\w+ /);
      const answers = await eventually(() => askInARow(from), { what: `five answers for ${from.name}` });
      const [first] = answers;
      expect(answers).toEqual(Array.from({ length: 5 }, () => first));
      const changes = async () => {
        await from.run('sleep', '2.2');
        return (await ask(from)) !== first;
      };
      await eventually(changes, { what: `another pod for ${from.name}` });
    });
  });
});

describe('a Service without a selector', () => {
  const slice = async (...endpoints: readonly object[]): Promise<void> => {
    const ports = [{ name: 'web', port: 8080 }];
    const body = {
      addressType: 'IPv4',
      endpoints,
      ports,
      metadata: { labels: { 'kubernetes.io/service-name': 'own' } },
    };
    await create('EndpointSlice', 'own', body, 'discovery.k8s.io/v1');
  };
  const away = { addresses: [ELSEWHERE.address], nodeName: 'another-node' };

  it('leads where its slices say, and to local endpoints only where its policies say so', async () => {
    await slice(away);
    const wish = { type: 'NodePort', ports: [{ ...WEB, targetPort: 8080 }] };
    const spec = await service('own', wish);
    const [inside, outside] = [`http://${spec.clusterIP}/`, `http://${node}:${nodePort(spec)}/`];
    await everywhere(async (from) => {
      for (const url of [inside, outside]) await until(from, url, /^elsewhere /);
    });
    const ports = spec.ports ?? [];
    await service('own', { ...wish, ports, internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' });
    await everywhere((from) => untilNot(from, inside, 'silence'));
    await untilNot(elsewhere, outside, 'silence');
    // As if they had gone out and come back over another node.
    await Promise.all([pod, host].map((from) => until(from, outside, /^elsewhere /)));
    const whose = await getObject<{ status: { podIP: string } }>('pod', 'who');
    await slice(away, { addresses: [whose.status.podIP], nodeName });
    await everywhere((from) => until(from, inside, /^who /));
    await until(elsewhere, outside, new RegExp(`^who ${ELSEWHERE.address}$`, 'm'));
    for (let i = 0; i < 8; i++) expect(await elsewhere.page(outside)).toMatch(/^who /);
  });

  it('follows Endpoints that somebody made by hand', async () => {
    const spec = await service('mirrored', { ports: [{ ...WEB, targetPort: 8080 }] });
    const subsets = [{ addresses: [{ ip: ELSEWHERE.address }], ports: [{ name: 'web', port: 8080 }] }];
    await create('Endpoints', 'mirrored', { subsets });
    await everywhere((from) => until(from, `http://${spec.clusterIP}/`, /^elsewhere /));
  });

  it('whose slice is nonsense harms no other', async () => {
    await service('broken', { ports: [{ ...WEB, targetPort: 8080 }] });
    const metadata = { labels: { 'kubernetes.io/service-name': 'broken' } };
    const ports = [{ name: 'web', port: 8080 }, { name: 'none' }];
    const endpoints = [{ addresses: ['10.42.0.250'], hostname: 'a' }];
    await create('EndpointSlice', 'broken', { addressType: 'IPv4', endpoints, ports, metadata }, 'discovery.k8s.io/v1');
    const spec = await service('after', { selector: { app: 'who' }, ports: [WEB] });
    await everywhere((from) => until(from, `http://${spec.clusterIP}/`, sourceOf(from)));
  });
});

describe('a pod', () => {
  it('asks others by the host’s name, also after a flush of the rules', async () => {
    const url = `http://${ELSEWHERE.address}:8080/`;
    await until(pod, url, new RegExp(`^elsewhere ${ELSEWHERE.gateway}\n`));
    await box.must(['nft', 'flush', 'ruleset']);
    await until(pod, url, new RegExp(`^elsewhere ${ELSEWHERE.gateway}\n`));
  });

  it('that isn’t ready is reached through Services that publish it anyway, and no others', async () => {
    const selector = { app: 'shy' };
    const held = await service('held', { selector, ports: [WEB] });
    const shown = await service('shown', { selector, ports: [WEB], publishNotReadyAddresses: true });
    await service('names', { selector, ports: [WEB], clusterIP: 'None', publishNotReadyAddresses: true });
    await everywhere((from) => until(from, `http://${shown.clusterIP}/`, /^shy /));
    await everywhere((from) => untilNot(from, `http://${held.clusterIP}/`, 'refused'));
    await until(pod, 'http://names:8080/', /^shy /);
  });

  it('that is ending serves while nobody else can, and gets nothing new once somebody can', async () => {
    const selector = { app: 'relay' };
    const script = WHO.replace('trap exit TERM', 'trap "sleep 20; exit" TERM');
    await startPod('leaving', { app: 'relay', script, spec: { terminationGracePeriodSeconds: 60 } });
    await untilPod('leaving', isReady, 'ready');
    const { clusterIP, ...spec } = await service('relay', { type: 'NodePort', selector, ports: [WEB] });
    const urls = [`http://${clusterIP}/`, `http://${node}:${nodePort(spec)}/`];
    await run('delete', 'pod', 'leaving', '--wait=false');
    const isEnding = async () => {
      const list = ['endpointslices', '-l', 'kubernetes.io/service-name=relay'];
      const { items } = await getObject<{ items: EndpointSlice[] }>(...list);
      const conditions = items[0]?.endpoints?.map((endpoint) => endpoint.conditions);
      expect(conditions).toEqual([{ ready: false, serving: true, terminating: true }]);
    };
    await eventually(isEnding, { what: 'an endpoint that ends' });
    await everywhere(async (from) => {
      for (const url of urls) await until(from, url, /^leaving /);
    });
    await startPod('staying', { app: 'relay' });
    await everywhere(async (from) => {
      for (const url of urls) await until(from, url, /^staying /);
      for (const url of urls) expect(await from.page(url)).toMatch(/^staying /);
    });
    await run('delete', 'pod', 'leaving', '--grace-period=0', '--force');
  });
});

it('a health check port tells everybody who asks whether there is an endpoint here', async () => {
  const wish = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', selector: { app: 'who' } };
  const { healthCheckNodePort } = await service('checked', { ...wish, ports: [{ ...WEB, port: 8088 }] });
  await everywhere((from) => until(from, `http://${node}:${healthCheckNodePort}/`, /"localEndpoints": 2/));
});

it('the file of the rules is what nft takes', async () => {
  await box.must(['nft', '-c', '-f', '/var/lib/quadshift/net/services.nft']);
});
