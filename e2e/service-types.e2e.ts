import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/kinds/types.ts';
import { startClient } from './clients.ts';
import { box, eventually, kubectl } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { elsewhere, host, insideOf, type Place, plugInElsewhere, unplugElsewhere } from './places.ts';
import { apply, getObject, remove, run, untilRolledOut } from './pods.ts';

type Spec = NonNullable<Service['spec']>;

const HELLO = /hello from Quadshift, version v1/;
const PORTS = [{ name: 'web', port: 80, targetPort: 8080 }];
const WANTED = '10.43.200.9';
const places: readonly Place[] = [insideOf('looker'), host, elsewhere];
const names = ['turning', 'wanting', 'heir', 'thief', 'foreign', 'sctp', 'close', 'busy'];
let node: string;

const manifest = (name: string, spec: object): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { selector: { app: 'turned' }, ports: PORTS, ...spec },
  });

const read = (name: string) => getObject<Service>('service', name);

async function make(name: string, spec: object): Promise<Spec> {
  await apply(manifest(name, spec));
  return (await read(name)).spec ?? {};
}

/** What kubectl has to say to a Service, and how it ended. */
async function saidTo(name: string, spec: object): Promise<readonly [number | null, string]> {
  const { code, stderr } = await kubectl(['apply', '-f', '-'], { input: manifest(name, spec) });
  return [code, stderr];
}

function seen(from: Place, url: string, expected = HELLO): Promise<unknown> {
  const what = `${url} for ${from.name}`;
  return eventually(async () => expect(await from.page(url)).toMatch(expected), { what });
}

function unseen(from: Place, url: string): Promise<unknown> {
  const what = `nothing at ${url} for ${from.name}`;
  return eventually(() => expect(from.page(url)).rejects.toThrow(), { what });
}

const everywhere = (look: (from: Place) => Promise<unknown>) => Promise.all(places.map(look));

function untilSettled(name: string, holds: (service: Service) => boolean, what: string): Promise<Service> {
  const look = async () => {
    const service = await read(name);
    if (!holds(service)) throw new Error(JSON.stringify(service));
    return service;
  };
  return eventually(look, { what });
}

beforeAll(async () => {
  await plugInElsewhere();
  await apply(webDeployment({ name: 'turned' }));
  await Promise.all([startClient('looker'), untilRolledOut('turned')]);
  node = await box.address();
});

afterAll(async () => {
  await box.exec(['systemctl', 'stop', 'squatter.service']);
  await unplugElsewhere();
  await remove('deployment/turned', 'pod/looker', ...names.map((name) => `service/${name}`));
});

describe('an address', () => {
  it('that was asked for is given, to one at a time, and free again when its Service goes', async () => {
    expect((await make('wanting', { clusterIP: WANTED })).clusterIP).toBe(WANTED);
    await everywhere((from) => seen(from, `http://${WANTED}/`));
    const [code, why] = await saidTo('thief', { clusterIP: WANTED });
    expect([code, why]).toEqual([1, expect.stringContaining('provided IP is already allocated')]);
    expect(await saidTo('thief', { clusterIP: '192.0.2.1' })).toEqual([
      1,
      expect.stringContaining('The range of valid IPs is 10.43.0.0/16'),
    ]);
    await remove('service/wanting');
    await everywhere((from) => unseen(from, `http://${WANTED}/`));
    expect((await make('heir', { clusterIP: WANTED })).clusterIP).toBe(WANTED);
    await everywhere((from) => seen(from, `http://${WANTED}/`));
  });
});

describe('a Service that changes its type', () => {
  it('gains and loses what the type has, and is reached accordingly', async () => {
    const cluster = await make('turning', {});
    await everywhere((from) => seen(from, `http://${cluster.clusterIP}/`));

    const [open] = (await make('turning', { type: 'NodePort' })).ports ?? [];
    const atNode = `http://${node}:${open?.nodePort}/`;
    await everywhere((from) => seen(from, atNode));

    const ports = [{ ...PORTS[0], port: 8095 }];
    await make('turning', { type: 'LoadBalancer', ports });
    const balanced = await untilSettled('turning', ({ status }) => !!status?.loadBalancer?.ingress, 'an address');
    expect(balanced.metadata?.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
    await everywhere((from) => seen(from, `http://${node}:8095/`));

    await make('turning', { type: 'ClusterIP' });
    const back = await untilSettled('turning', ({ metadata }) => !metadata?.finalizers?.length, 'no finalizer');
    expect([back.status?.loadBalancer, back.spec?.ports?.[0]?.nodePort, back.spec?.clusterIP]).toEqual([
      {},
      undefined,
      cluster.clusterIP,
    ]);
    await everywhere(async (from) => {
      await unseen(from, atNode);
      await unseen(from, `http://${node}:8095/`);
      await seen(from, `http://${cluster.clusterIP}/`);
    });
  });

  it('into a name has no address any more, and gets one when it is a Service again', async () => {
    const alias = { type: 'ExternalName', externalName: 'heir.default.svc.cluster.local', ports: null, selector: null };
    const { clusterIP } = (await read('turning')).spec ?? {};
    expect((await make('turning', alias)).clusterIP).toBeUndefined();
    await seen(insideOf('looker'), 'http://turning/');
    await everywhere((from) => unseen(from, `http://${clusterIP}/`));
    const again = await make('turning', { type: 'ClusterIP', externalName: null });
    await everywhere((from) => seen(from, `http://${again.clusterIP}/`));
    expect((await run('get', 'endpointslices', '-l', 'kubernetes.io/service-name=turning')).split('\n')).toHaveLength(
      3,
    );
  });
});

describe('a load balancer', () => {
  it('of a class of another’s is left to it', async () => {
    const spec = await make('foreign', { type: 'LoadBalancer', loadBalancerClass: 'example.com/other', ports: PORTS });
    const [port] = spec.ports ?? [];
    await everywhere((from) => seen(from, `http://${node}:${port?.nodePort}/`));
    const { status, metadata } = await read('foreign');
    expect([status?.loadBalancer, metadata?.finalizers]).toEqual([{}, undefined]);
  });

  it('waits for a port that something on the host listens at, and says so', async () => {
    await box.must(['sh', '-c', 'mkdir -p /run/squatter && echo squatter >/run/squatter/index.html']);
    const squatter = ['busybox', 'httpd', '-f', '-p', '8096', '-h', '/run/squatter'];
    await box.must(['systemd-run', '--quiet', '--collect', '--unit=squatter', ...squatter]);
    await make('busy', { type: 'LoadBalancer', ports: [{ ...PORTS[0], port: 8096 }] });
    const events = async () => {
      const { items } = await getObject<{ items: { message: string }[] }>(
        'events',
        '--field-selector=involvedObject.name=busy',
      );
      return items.map(({ message }) => message);
    };
    const said = 'Error syncing load balancer: failed to ensure load balancer: ports are in use: 8096/TCP';
    await eventually(async () => expect(await events()).toContain(said), { what: 'an event' });
    await everywhere((from) => seen(from, `http://${node}:8096/`, /^squatter/));
    expect((await read('busy')).status?.loadBalancer).toEqual({});
    await box.must(['systemctl', 'stop', 'squatter.service']);
    await untilSettled('busy', ({ status }) => !!status?.loadBalancer?.ingress, 'the port to be its own');
    await everywhere((from) => seen(from, `http://${node}:8096/`));
  });
});

describe('what can’t be kept here', () => {
  it('is said when the Service is written', async () => {
    expect(await saidTo('close', { trafficDistribution: 'PreferSameNode' })).toEqual([
      0,
      expect.stringContaining('Warning: spec.trafficDistribution has no effect here: there is one node'),
    ]);
    const { clusterIP } = (await read('close')).spec ?? {};
    await everywhere((from) => seen(from, `http://${clusterIP}/`));
  });

  it('is SCTP without a kernel that has it; the rules are sound all the same', async () => {
    const has = (await box.exec(['grep', '-q', '^SCTP', '/proc/net/protocols'])).code === 0;
    const ports = [...PORTS, { name: 'sctp', port: 9, protocol: 'SCTP' }];
    const [code, said] = await saidTo('sctp', { ports });
    expect([code, said.includes("spec.ports[1].protocol: this host's kernel has no SCTP")]).toEqual([0, !has]);
    const { clusterIP } = (await read('sctp')).spec ?? {};
    await everywhere((from) => seen(from, `http://${clusterIP}/`));
    const map = ['nft', 'list', 'map', 'inet', 'quadshift', 'service-addresses'];
    expect(await box.must(map)).toContain(`${clusterIP} . sctp . 9`);
  });
});
