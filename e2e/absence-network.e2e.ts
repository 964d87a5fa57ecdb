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
  lookUpFrom,
  overUdp,
  type Place,
  plugInElsewhere,
  STAY,
  unplugElsewhere,
  WHO,
} from './places.ts';
import { apply, getObject, isReady, remove, untilPod } from './pods.ts';

const WEB = { name: 'web', port: 80, targetPort: 8080 };
const UDP = { name: 'udp', port: 53, protocol: 'UDP', targetPort: 9053 };
const pod = insideOf('asker');
const stranger = insideOf('stranger');
const hostling = insideOf('hostling');
const places: readonly Place[] = [pod, stranger, hostling, host, elsewhere];
const made: string[] = [];

let node: string;
let ips: { readonly [pod: string]: string };
let specs: { readonly [service: string]: NonNullable<Service['spec']> };

async function create(kind: string, name: string, spec: object, apiVersion = 'v1'): Promise<void> {
  made.push(`${kind.toLowerCase()}/${name}`);
  await apply(JSON.stringify({ apiVersion, kind, metadata: { name, namespace: 'default' }, spec }));
}

async function startPod(name: string, script: string, spec: object = {}): Promise<void> {
  made.push(`pod/${name}`);
  const main = {
    ...{ name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', script] },
    ...{ volumeMounts: BORROWED.volumeMounts, env: [{ name: 'PORT', value: '8080' }] },
  };
  const whole = JSON.parse(shellPod(name, '', { volumes: BORROWED.volumes, containers: [main], ...spec }));
  const labels = { app: name.replace(/-.*/, '') };
  await apply(JSON.stringify({ ...whole, metadata: { ...whole.metadata, labels } }));
}

async function createServices(): Promise<void> {
  const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', internalTrafficPolicy: 'Local' };
  const ports = [{ ...WEB, port: 8086 }, UDP];
  const sticky = { sessionAffinity: 'ClientIP' };
  await create('Service', 'kept', { ...local, selector: { app: 'kept' }, ports, externalIPs: ['198.51.100.11'] });
  await create('Service', 'glued', { ...sticky, selector: { app: 'kept' }, ports: [WEB] });
  await create('Service', 'each', { clusterIP: 'None', selector: { app: 'kept' }, ports: [{ ...WEB, port: 8080 }] });
  await create('Service', 'alias', { type: 'ExternalName', externalName: 'glued.default.svc.cluster.local' });
  await create('Service', 'guarded', { selector: { app: 'guarded' }, ports: [WEB] });
}

async function createRoutes(): Promise<void> {
  const to = { kind: 'Service', name: 'glued' };
  await create('Route', 'plain', { host: 'plain.test', to }, 'route.openshift.io/v1');
  const tls = { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' };
  await create('Route', 'safe', { host: 'safe.test', to, tls }, 'route.openshift.io/v1');
  const backend = { service: { name: 'glued', port: { number: 80 } } };
  const rules = [{ host: 'entry.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  await create('Ingress', 'entry', { rules }, 'networking.k8s.io/v1');
}

/** Into the guarded pod only from one, and out of the stranger only to names and that way. */
async function createPolicies(): Promise<void> {
  const friends = [{ from: [{ podSelector: { matchLabels: { app: 'asker' } } }] }];
  const about = (app: string) => ({ podSelector: { matchLabels: { app } } });
  await create('NetworkPolicy', 'in', { ...about('guarded'), ingress: friends }, 'networking.k8s.io/v1');
  const egress = [{ to: [{ podSelector: { matchLabels: { app: 'kept' } } }] }];
  const out = { ...about('stranger'), policyTypes: ['Egress'], egress };
  await create('NetworkPolicy', 'out', out, 'networking.k8s.io/v1');
}

/** Waits until a look is right, as things take their time after a boot. */
function until(what: string, look: () => Promise<unknown>): Promise<unknown> {
  return eventually(look, { what });
}

const everywhere = (look: (from: Place) => Promise<unknown>) => Promise.all(places.map(look));

/** Who asks, as a server of ours sees it. */
function sourceOf(from: Place): RegExp {
  const [, name = ''] = from.name.split(' ');
  if (from === pod || from === stranger) return new RegExp(`^kept-\\w ${ips[name]}$`, 'm');
  if (from === elsewhere) return new RegExp(`^kept-\\w ${ELSEWHERE.address}$`, 'm');
  return new RegExp(`^kept-\\w (${node}|${ELSEWHERE.gateway}|10\\.42\\.0\\.1)$`, 'm');
}

const browse = (from: Place, url: string) => {
  const { hostname } = new URL(url);
  const resolve = [80, 443].flatMap((port) => ['--resolve', `${hostname}:${port}:${node}`]);
  return from.run('/usr/bin/curl', '-sSki', '-m', '3', '--noproxy', '*', ...resolve, url);
};

beforeAll(async () => {
  node = await box.address();
  const names = ['kept-a', 'kept-b', 'guarded', 'asker', 'stranger', 'hostling'];
  const script = (name: string) => (/kept|guarded/.test(name) ? WHO : STAY);
  const spec = (name: string) => (name === 'hostling' ? { hostNetwork: true } : {});
  await Promise.all([createServices(), ...names.map((name) => startPod(name, script(name), spec(name)))]);
  const pods = await Promise.all(names.map((name) => untilPod(name, isReady, 'ready')));
  ips = Object.fromEntries(pods.map(({ metadata, status }: Pod) => [metadata?.name ?? '', status?.podIP ?? '']));
  await createPolicies();
  await createRoutes();
  const { items } = await getObject<{ items: Service[] }>('services');
  specs = Object.fromEntries(items.map(({ metadata, spec: each }) => [metadata?.name ?? '', each ?? {}]));
  await until('the Route', async () => expect(await browse(host, 'https://safe.test/')).toMatch(/^kept/m));
  await box.must(['systemctl', 'mask', '--now', 'quadshift.service', 'quadshift.socket']);
  await box.reboot();
  await plugInElsewhere();
  await until('the pods', () => Promise.all(names.map((name) => insideOf(name).run('true'))));
}, 180_000);

afterAll(async () => {
  await unplugElsewhere();
  await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  const answers = async () => (await kubectl(['get', '--raw=/readyz'])).code === 0;
  await eventually(answers, { what: 'the API to answer' });
  await remove(...made);
});

describe('without the API server, after a boot', () => {
  it('there is none, indeed', async () => {
    expect((await box.exec(['systemctl', 'is-active', 'quadshift.service'])).stdout.trim()).not.toBe('active');
    expect((await kubectl(['get', 'pods'])).code).not.toBe(0);
  });

  it('Services are reached at all their addresses from everywhere, with their traffic policies', async () => {
    const { clusterIP, ports = [], healthCheckNodePort } = specs['kept'] ?? {};
    const [web, udp] = ports;
    const urls = [`${clusterIP}:8086`, `${node}:${web?.nodePort}`, `${node}:8086`, '198.51.100.11:8086'];
    await everywhere(async (from) => {
      for (const url of urls) {
        await until(url, async () => expect(await from.page(`http://${url}/`)).toMatch(sourceOf(from)));
      }
      for (const [address = '', port = 0] of [
        [clusterIP, 53],
        [node, udp?.nodePort],
      ] as const) {
        await until('UDP', async () => expect(await overUdp(from, address, port)).toMatch(sourceOf(from)));
      }
    });
    for (const from of [hostling, host, elsewhere]) {
      expect(await from.page(`http://${node}:${healthCheckNodePort}/`)).toContain('"localEndpoints": 2');
    }
  });

  it('clients stay with their pods, and pods reach themselves', async () => {
    const url = `http://${specs['glued']?.clusterIP}/`;
    await everywhere(async (from) => {
      const first = await from.page(url);
      for (let i = 0; i < 4; i++) expect(await from.page(url)).toBe(first);
    });
    for (let i = 0; i < 6; i++) {
      expect(await insideOf('kept-a').page(`http://${specs['kept']?.clusterIP}:8086/`)).toMatch(/^kept-/);
    }
  });

  it('names lead to Services, pods, ports and back', async () => {
    const domain = 'default.svc.cluster.local';
    const backward = (address: string) => `${address.split('.').reverse().join('.')}.in-addr.arpa`;
    const names = [
      [`kept.${domain}`, 'a', `Address: ${specs['kept']?.clusterIP}`],
      [`each.${domain}`, 'a', `Address: ${ips['kept-b']}`],
      [`alias.${domain}`, 'a', `Address: ${specs['glued']?.clusterIP}`],
      [`_web._tcp.kept.${domain}`, 'srv', `0 100 8086 kept.${domain}`],
      [backward(specs['kept']?.clusterIP ?? ''), 'ptr', `name = kept.${domain}`],
      [`${ips['asker']?.replaceAll('.', '-')}.default.pod.cluster.local`, 'a', `Address: ${ips['asker']}`],
    ] as const;
    for (const [name, type, expected] of names) {
      for (const from of [pod, host, elsewhere]) {
        const how = { type, ...(from === pod ? {} : { server: '10.43.0.10' }) };
        await until(name, async () => expect(await lookUpFrom(from, name, how)).toContain(expected));
      }
    }
    expect(await pod.page('http://alias/')).toMatch(/^kept-/);
  });

  it('Routes and Ingresses are served', async () => {
    await everywhere(async (from) => {
      if (from === stranger) return;
      for (const url of ['http://plain.test/', 'https://safe.test/', 'http://entry.test/']) {
        expect(await browse(from, url)).toMatch(/^kept-/m);
      }
      expect(await browse(from, 'http://safe.test/')).toMatch(/^HTTP\/1.1 302/);
    });
  });

  it('policies hold', async () => {
    const urls = [`http://${specs['guarded']?.clusterIP}/`, `http://${ips['guarded']}:8080/`];
    for (const url of urls) {
      for (const from of [pod, hostling, host]) {
        await until(url, async () => expect(await from.page(url)).toMatch(/^guarded /));
      }
      for (const from of [stranger, elsewhere]) await expect(from.page(url)).rejects.toThrow('timed out');
    }
    expect(await lookUpFrom(stranger, 'kept.default.svc.cluster.local', { type: 'a' })).toContain('Address: 10.43.');
  });
});
