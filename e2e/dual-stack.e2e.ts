import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointSlice, Node, Pod, Service } from '../src/kinds/types.ts';
import { inPod, lookUp, pageInPod, pageOnHost, startClient, untilPage } from './clients.ts';
import { box, eventually, kubectl } from './harness.ts';
import { webDeployment } from './manifests.ts';
import {
  ELSEWHERE,
  elsewhere,
  host,
  insideOf,
  lookUpFrom,
  plugInElsewhere,
  serveElsewhere,
  unplugElsewhere,
} from './places.ts';
import { apply, getObject, podsOf, remove, untilRolledOut } from './pods.ts';

const HELLO = /hello from Quadshift, version v1/;
const SETTINGS = '/etc/quadshift/config.d/dual-stack.yaml';
const NODE_PORT = 30_196;
/** The box's address of the second family, of the range for documentation. */
const OUTSIDE = '2001:db8:41::2';

async function configure(settings: string): Promise<void> {
  await box.must(['sh', '-c', `mkdir -p /etc/quadshift/config.d && cat >${SETTINGS}`], { input: settings });
}

async function untilServing(): Promise<void> {
  const answers = async () => (await kubectl(['get', '--raw=/readyz'])).code === 0;
  await eventually(answers, { what: 'the API to answer' });
}

function service(name: string, spec: object): string {
  const full = { selector: { app: 'both' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: full });
}

async function ipsOf(name: string): Promise<readonly string[]> {
  return (await getObject<Service>('service', name)).spec?.clusterIPs ?? [];
}

beforeAll(async () => {
  await configure('network: { podCidrIpv6: "fd42::/64", serviceCidrIpv6: "fd43::/112" }\n');
  // The network of the pods is described anew now, and made anew with the boot.
  await box.must(['systemctl', 'restart', 'quadshift.service']);
  await untilServing();
  await box.reboot();
  await untilServing();
  await box.must(['ip', 'address', 'add', `${OUTSIDE}/64`, 'dev', 'eth0']).catch(() => '');
  await apply(webDeployment({ name: 'both', replicas: 2 }));
  const ports = [{ name: 'http', port: 80, targetPort: 8080, nodePort: NODE_PORT }];
  await apply(service('both', { ipFamilyPolicy: 'RequireDualStack', type: 'NodePort', ports }));
  await apply(service('six', { ipFamilies: ['IPv6'] }));
  await apply(service('each', { clusterIP: 'None', ipFamilyPolicy: 'PreferDualStack' }));
  const fieldRef = { fieldPath: 'status.podIPs' };
  await apply(webDeployment({ name: 'one' }));
  await startClient('asker', {
    hostname: 'first',
    subdomain: 'each',
    containers: [
      {
        name: 'main',
        image: 'localhost:5000/busybox:latest',
        command: ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'],
        env: [{ name: 'IPS', valueFrom: { fieldRef } }],
      },
    ],
  });
  await untilRolledOut('both');
  await plugInElsewhere();
}, 120_000);

afterAll(async () => {
  await unplugElsewhere();
  await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  await untilServing();
  await remove('deployment/both', 'deployment/one', 'service/both', 'service/six', 'service/each', 'pod/asker');
  await box.must(['rm', '-f', SETTINGS]);
  await box.must(['systemctl', 'restart', 'quadshift.service']);
  await untilServing();
});

describe('with both families', () => {
  it('pods have two addresses that belong together, and know them', async () => {
    const { status } = await getObject<Pod>('pod', 'asker');
    const [four = '', six = ''] = (status?.podIPs ?? []).map(({ ip }) => ip ?? '');
    expect([four, six]).toEqual([expect.stringMatching(/^10\.42\./), expect.stringMatching(/^fd42::/)]);
    expect(await inPod('asker', 'sh', '-c', 'echo $IPS; ip -6 address show dev eth0; cat /etc/hosts')).toMatch(
      new RegExp(`^${four},${six}\\n[^]*inet6 ${six}/64[^]*${six}\\tfirst\\.each\\.default\\.svc\\.cluster\\.local`),
    );
  });

  it('Services have the families that they asked for, and slices of each', async () => {
    expect(await ipsOf('both')).toEqual([expect.stringMatching(/^10\.43\./), expect.stringMatching(/^fd43::/)]);
    expect(await ipsOf('six')).toEqual([expect.stringMatching(/^fd43::/)]);
    const list = ['endpointslices', '-l', 'kubernetes.io/service-name=both'];
    const { items } = await getObject<{ items: EndpointSlice[] }>(...list);
    const found = items.map(({ addressType, endpoints }) => [addressType, endpoints?.length]).sort();
    expect(found).toEqual([
      ['IPv4', 2],
      ['IPv6', 2],
    ]);
  });

  it('Services are reached over each, from pods and from the host', async () => {
    for (const ip of [...(await ipsOf('both')), ...(await ipsOf('six'))]) {
      const url = `http://${ip.includes(':') ? `[${ip}]` : ip}/`;
      await untilPage(() => pageInPod('asker', url), HELLO);
      await untilPage(() => pageOnHost(url), HELLO);
    }
    await untilPage(() => pageOnHost(`http://[${OUTSIDE}]:${NODE_PORT}/`), HELLO);
    await untilPage(() => pageInPod('asker', `http://[${OUTSIDE}]:${NODE_PORT}/`), HELLO);
  });

  it('a pod reaches itself through its Service, whichever of them answers', async () => {
    const [pod] = await podsOf('both');
    const six = (await ipsOf('both'))[1];
    for (let i = 0; i < 6; i++) {
      await untilPage(() => pageInPod(pod?.metadata?.name ?? '', `http://[${six}]/`), HELLO);
    }
  });

  it('names have addresses of both, and addresses have names', async () => {
    const [, six = ''] = await ipsOf('both');
    expect(await lookUp('both.default.svc.cluster.local', 'aaaa')).toContain(`Address: ${six}`);
    expect((await lookUp('each.default.svc.cluster.local', 'aaaa')).match(/Address: fd42::/g)).toHaveLength(2);
    const backwards = await box.must(['busybox', 'nslookup', six, '10.42.0.1']);
    expect(backwards).toContain('name = both.default.svc.cluster.local');
    expect(await lookUp('both.default.svc.cluster.local', 'aaaa', 'fd42::1')).toContain(`Address: ${six}`);
  });

  it('the node and pods on its network say so, too', async () => {
    const { items } = await getObject<{ items: Node[] }>('nodes');
    expect(items[0]?.status?.addresses).toContainEqual({ type: 'InternalIP', address: OUTSIDE });
    await eventually(
      async () => {
        const { status } = await getObject<Pod>('pod', 'asker');
        return status?.hostIPs?.some(({ ip }) => ip === OUTSIDE) ?? false;
      },
      { what: 'the host’s second address' },
    );
  });
});

describe('another machine, a pod and the host', () => {
  const bracketed = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip);
  let urls: readonly string[];
  const reach = () =>
    Promise.all(
      [insideOf('asker'), host, elsewhere].map(async (from) => {
        for (const url of urls) await untilPage(() => from.page(url), HELLO);
      }),
    );

  it('reach Services and node ports over each family', async () => {
    const ports = [ELSEWHERE.gateway, ELSEWHERE.gateway6].map((ip) => `http://${bracketed(ip)}:${NODE_PORT}/`);
    urls = [...(await ipsOf('both')).map((ip) => `http://${bracketed(ip)}/`), ...ports];
    await reach();
  });

  it('see each other: what a pod sends comes from the host', async () => {
    await serveElsewhere();
    for (const [asked, asking] of [
      [ELSEWHERE.address, ELSEWHERE.gateway],
      [ELSEWHERE.address6, ELSEWHERE.gateway6],
    ] as const) {
      await untilPage(
        () => insideOf('asker').page(`http://${bracketed(asked)}:8080/`),
        new RegExp(`^elsewhere ${asking}\n`),
      );
    }
  });

  it('do so, and find names, after a boot without the API server', async () => {
    const [, six = ''] = await ipsOf('both');
    await box.must(['systemctl', 'mask', '--now', 'quadshift.service', 'quadshift.socket']);
    await box.reboot();
    await plugInElsewhere();
    await reach();
    const look = () => lookUpFrom(insideOf('asker'), 'both.default.svc.cluster.local', { type: 'aaaa' });
    await eventually(async () => expect(await look()).toContain(`Address: ${six}`), { what: 'a name' });
  });
});
