import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ingress, Node, Pod, Service } from '../src/kinds/types.ts';
import { lookUp, pageInPod, pageOnHost, startClient, untilPage } from './clients.ts';
import { box, eventually } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, getObject, podsOf, remove, untilRolledOut } from './pods.ts';

const HELLO = /hello from Quadshift, version v1/;
const NODE_PORT = 30_191;
const PORT = 8091;
/** One more address on the box's own link. */
const ANOTHER = '192.0.2.77';

function object(apiVersion: string, kind: string, spec: object): string {
  return JSON.stringify({ apiVersion, kind, metadata: { name: 'moved', namespace: 'default' }, spec });
}

async function ingressIps(): Promise<readonly (string | undefined)[]> {
  const { status } = await getObject<Service>('service', 'moved');
  return (status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
}

/** The API's certificate as a client sees it. */
async function servingNames(): Promise<string> {
  const { stdout } = await box.exec([
    'sh',
    '-c',
    'echo | openssl s_client -connect 127.0.0.1:6443 2>/dev/null | openssl x509 -noout -ext subjectAltName',
  ]);
  return stdout;
}

/** Adds or deletes the other address. */
async function address(verb: 'add' | 'del'): Promise<void> {
  const link = (await box.must(['sh', '-c', "ip -o -4 route show default | sed 's/.* dev \\([^ ]*\\).*/\\1/'"])).trim();
  await box.must(['ip', 'address', verb, `${ANOTHER}/32`, 'dev', link]);
}

let invocation: string;
const serverRun = () => box.must(['systemctl', 'show', '-p', 'InvocationID', 'quadshift.service']);

beforeAll(async () => {
  await apply(webDeployment({ name: 'moved' }));
  const ports = [{ port: PORT, targetPort: 8080, nodePort: NODE_PORT }];
  await apply(object('v1', 'Service', { type: 'LoadBalancer', selector: { app: 'moved' }, ports }));
  const to = { service: { name: 'moved', port: { number: PORT } } };
  const paths = [{ path: '/', pathType: 'Prefix', backend: to }];
  await apply(object('networking.k8s.io/v1', 'Ingress', { rules: [{ host: 'moved.test', http: { paths } }] }));
  await untilRolledOut('moved');
  await startClient('stayer');
  invocation = await serverRun();
});

afterAll(() => remove('deployment/moved', 'service/moved', 'ingress/moved', 'pod/stayer'));

describe('an address that the host gets', () => {
  it('is a load balancer’s, the node’s, an Ingress’s and the certificate’s soon, without a restart', async () => {
    await untilPage(() => pageInPod('stayer', `http://moved:${PORT}/`), HELLO);
    expect(await ingressIps()).toEqual([await box.address()]);
    await address('add');
    try {
      await eventually(async () => (await ingressIps()).includes(ANOTHER), { what: 'the new address' });
      await eventually(
        async () => expect((await nodeOf()).status?.addresses).toContainEqual({ type: 'InternalIP', address: ANOTHER }),
        { what: 'the node to have it' },
      );
      await eventually(async () => (await servingNames()).includes(ANOTHER), { what: 'a certificate' });
      const ingress = async () => (await getObject<Ingress>('ingress', 'moved')).status?.loadBalancer?.ingress;
      await eventually(async () => expect(await ingress()).toContainEqual({ ip: ANOTHER }), {
        what: 'the Ingress to have it',
      });
      await untilPage(() => pageInPod('stayer', `http://${ANOTHER}:${PORT}/`), HELLO);
      await untilPage(() => pageInPod('stayer', `http://${ANOTHER}:${NODE_PORT}/`), HELLO);
    } finally {
      await address('del');
    }
    await eventually(async () => !(await ingressIps()).includes(ANOTHER), { what: 'the old address' });
    expect(await serverRun()).toBe(invocation);
  });
});

describe('a name that the host gets', () => {
  it('is in the certificate at once, without a restart', async () => {
    const before = (await box.must(['hostname'])).trim();
    const rename = (name: string) => box.must(['sh', '-c', `echo ${name} >/etc/hostname; hostname ${name}`]);
    await rename('renamed');
    try {
      await eventually(async () => (await servingNames()).includes('DNS:renamed'), { what: 'a certificate' });
    } finally {
      await rename(before);
    }
    await eventually(async () => !(await servingNames()).includes('DNS:renamed'), {
      what: 'a certificate for the old name',
    });
    expect(await serverRun()).toBe(invocation);
  });
});

describe('without a default route', () => {
  it('Services, names and pods go on', async () => {
    const route = (await box.must(['ip', '-4', 'route', 'show', 'default'])).trim();
    const before = (await podsOf('moved')).map(uidAndRestarts);
    await box.must(['ip', 'route', 'del', ...route.split(/\s+/)]);
    try {
      await untilPage(() => pageInPod('stayer', `http://moved:${PORT}/`), HELLO);
      const { spec } = await getObject<Service>('service', 'moved');
      await untilPage(() => pageOnHost(`http://${spec?.clusterIP}:${PORT}/`), HELLO);
      expect(await lookUp('moved.default.svc.cluster.local')).toMatch(/Address: 10\.43\./);
    } finally {
      await box.must(['ip', 'route', 'add', ...route.split(/\s+/)]);
    }
    expect((await podsOf('moved')).map(uidAndRestarts)).toEqual(before);
    expect(await serverRun()).toBe(invocation);
  });
});

function uidAndRestarts({ metadata, status }: Pod): readonly unknown[] {
  return [metadata?.uid, status?.containerStatuses?.map(({ restartCount }) => restartCount)];
}

async function nodeOf(): Promise<Node> {
  const { items } = await getObject<{ items: Node[] }>('nodes');
  const [node] = items;
  if (!node) throw new Error('there is no node');
  return node;
}
