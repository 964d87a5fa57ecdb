import { beforeEach, describe, expect, it } from 'vitest';
import { namespaceKind } from '../kinds/namespace.ts';
import { serviceKind } from '../kinds/service.ts';
import type { Service } from '../kinds/types.ts';
import { StatusError } from '../machinery/status-error.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import { createAdmissionPlugins } from './plugins.ts';

let registry: FakeRegistry;
const port = { port: 80, protocol: 'TCP' };

type Spec = { readonly [field: string]: unknown };

async function outcome(write: Promise<{ readonly entry: { readonly object: object } }>): Promise<Service['spec']> {
  return ((await write).entry.object as Service).spec;
}

function create(name: string, spec: Spec = {}, options: object = {}): Promise<Service['spec']> {
  const object = { metadata: { name, namespace: 'default' }, spec: { ports: [port], ...spec } };
  return outcome(registry.create(serviceKind, object, options));
}

function patch(name: string, spec: Spec): Promise<Service['spec']> {
  const request = { type: 'application/merge-patch+json', body: { spec } } as const;
  return outcome(registry.patch(serviceKind, { namespace: 'default', name }, request));
}

async function refusal(write: Promise<unknown>): Promise<string> {
  const error = await write.then(
    () => new Error('accepted'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StatusError)) throw error;
  return `${error.status.code} ${error.status.message}`;
}

async function withRange(range: object): Promise<void> {
  const random = () => 0;
  const options = { serviceCidrs: ['10.43.0.0/16'], nodePorts: { first: 30_000, last: 32_767 }, random, ...range };
  registry = createFakeRegistry([namespaceKind, serviceKind], { admission: createAdmissionPlugins(options) });
  await registry.create(namespaceKind, { metadata: { name: 'default' } });
}

beforeEach(() => withRange({}));

describe('a ClusterIP', () => {
  it('is drawn from the range, with the families that go with it', async () => {
    expect(await create('web')).toMatchObject({
      clusterIP: '10.43.1.1',
      clusterIPs: ['10.43.1.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
  });

  it('is the one that was asked for, unless somebody has it or nobody can', async () => {
    expect(await create('web', { clusterIP: '10.43.0.50' })).toMatchObject({ clusterIPs: ['10.43.0.50'] });
    expect(await refusal(create('other', { clusterIP: '10.43.0.50' }))).toBe(
      '422 Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.43.0.50"]: failed to allocate IP 10.43.0.50: provided IP is already allocated',
    );
    expect(await refusal(create('other', { clusterIP: '10.44.0.1' }))).toBe(
      '422 Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.44.0.1"]: failed to allocate IP 10.44.0.1: provided IP is not in the valid range. The range of valid IPs is 10.43.0.0/16',
    );
    expect(await refusal(create('other', { clusterIP: '10.43.255.255' }))).toContain('not in the valid range');
  });

  it('is kept for the Services that every cluster has', async () => {
    expect(await refusal(create('other', { clusterIP: '10.43.0.1' }))).toContain('already allocated');
    expect(await create('kubernetes', { clusterIP: '10.43.0.1' })).toMatchObject({ clusterIP: '10.43.0.1' });
  });

  it('is none for headless Services and ExternalNames', async () => {
    expect(await create('headless', { clusterIP: 'None', selector: { app: 'a' } })).toMatchObject({
      clusterIPs: ['None'],
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: ['IPv4'],
    });
    expect(await create('bare', { clusterIP: 'None' })).toMatchObject({
      ipFamilyPolicy: 'RequireDualStack',
      ipFamilies: ['IPv4', 'IPv6'],
    });
    const external = await create('far', { type: 'ExternalName', externalName: 'example.org' });
    expect([external?.clusterIP, external?.ipFamilies]).toEqual([undefined, undefined]);
  });

  it('differs among Services that are made at once', async () => {
    const specs = await Promise.all(Array.from({ length: 50 }, (_, i) => create(`web-${i}`)));
    expect(new Set(specs.map((spec) => spec?.clusterIP)).size).toBe(50);
    const same = await Promise.allSettled(['a', 'b', 'c'].map((name) => create(name, { clusterIP: '10.43.0.77' })));
    expect(same.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it('is free again after a write that came to nothing, a dry run and a delete', async () => {
    const clusterIP = '10.43.0.60';
    expect(await refusal(create('Bad_Name', { clusterIP }))).toContain('422');
    await create('web', { clusterIP }, { dryRun: true });
    await create('web', { clusterIP });
    await registry.delete(serviceKind, { namespace: 'default', name: 'web' });
    expect(await create('other', { clusterIP })).toMatchObject({ clusterIP });
  });

  it('stays with its Service through updates and goes with the type', async () => {
    const { clusterIP = '' } = (await create('web')) ?? {};
    expect(await patch('web', { selector: { app: 'b' } })).toMatchObject({ clusterIP });
    const external = await patch('web', { type: 'ExternalName', externalName: 'example.org' });
    expect([external?.clusterIP, external?.clusterIPs, external?.ipFamilyPolicy]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await create('other', { clusterIP })).toMatchObject({ clusterIP });
    expect(await patch('web', { type: 'ClusterIP', externalName: null })).toMatchObject({ clusterIP: '10.43.1.2' });
  });

  it('comes from the lower part when the upper one is full, and from nowhere when all is', async () => {
    await withRange({ serviceCidrs: ['10.43.0.0/27'] });
    const wanted = 30 - 2;
    const specs = await Promise.all(Array.from({ length: wanted }, (_, i) => create(`web-${i}`)));
    expect(specs[0]?.clusterIP).toBe('10.43.0.17');
    expect(new Set(specs.map((spec) => spec?.clusterIP)).size).toBe(wanted);
    expect(await refusal(create('late'))).toBe(
      '500 Internal error occurred: failed to allocate a serviceIP: range is full',
    );
  });
});

describe('IP families', () => {
  it.each([
    [{ ipFamilyPolicy: 'RequireDualStack' }, 'this cluster is not configured for dual-stack services'],
    [{ ipFamilies: ['IPv6'] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
    [{ clusterIP: 'fd00::1' }, 'IPv6 is not configured on this cluster'],
    [{ clusterIPs: ['10.43.0.9'] }, 'must be empty when `clusterIP` is not specified'],
    [{ clusterIP: '10.43.0.8', clusterIPs: ['10.43.0.9'] }, 'first value must match `clusterIP`'],
  ])('that this host lacks, or that disagree, are refused: %j', async (spec, why) => {
    expect(await refusal(create('web', spec))).toContain(why);
  });

  it('of a Service that prefers two are one here', async () => {
    expect(await create('web', { ipFamilyPolicy: 'PreferDualStack' })).toMatchObject({ ipFamilies: ['IPv4'] });
  });
});

describe('two families', () => {
  const v4 = /^10\.43\.\d+\.\d+$/;
  const v6 = /^fd43::[0-9a-f]+$/;

  beforeEach(() => withRange({ serviceCidrs: ['10.43.0.0/16', 'fd43::/112'] }));

  it.each([
    [{}, 'SingleStack', ['IPv4'], [v4]],
    [{ ipFamilies: ['IPv6'] }, 'SingleStack', ['IPv6'], [v6]],
    [{ ipFamilyPolicy: 'PreferDualStack' }, 'PreferDualStack', ['IPv4', 'IPv6'], [v4, v6]],
    [{ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] }, 'RequireDualStack', ['IPv6', 'IPv4'], [v6, v4]],
    [{ clusterIP: 'fd43::99' }, 'SingleStack', ['IPv6'], [/^fd43::99$/]],
  ])('are given as they were asked for: %j', async (asked, ipFamilyPolicy, ipFamilies, ips) => {
    const spec = await create('web', asked);
    expect([spec?.ipFamilyPolicy, spec?.ipFamilies]).toEqual([ipFamilyPolicy, ipFamilies]);
    expect(spec?.clusterIPs).toEqual(ips.map((each) => expect.stringMatching(each)));
    expect(spec?.clusterIP).toBe(spec?.clusterIPs?.[0]);
  });

  it.each([
    [{ ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] }, 'when multiple IP families are specified'],
    [{ ipFamilies: ['IPv4', 'IPv4'] }, 'spec.ipFamilies[1]: Duplicate value: "IPv4"'],
    [{ ipFamilies: ['IPv5'] }, 'spec.ipFamilies[0]: Unsupported value: "IPv5"'],
    [{ clusterIP: 'fd43::9', ipFamilies: ['IPv4'] }, 'expected an IPv4 value as indicated by `ipFamilies[0]`'],
    [
      { ipFamilyPolicy: 'RequireDualStack', clusterIP: '10.43.0.8', clusterIPs: ['10.43.0.8', '10.43.0.9'] },
      'may specify no more than one IP for each IP family',
    ],
    [{ clusterIP: 'fd44::1' }, 'failed to allocate IP fd44::1: provided IP is not in the valid range'],
  ])('are refused where they disagree: %j', async (spec, why) => {
    expect(await refusal(create('web', spec))).toContain(why);
  });

  it('come and go with the policy, the first one stays', async () => {
    const before = await create('web');
    const both = await patch('web', { ipFamilyPolicy: 'RequireDualStack' });
    expect(both?.clusterIPs).toEqual([before?.clusterIP, expect.stringMatching(v6)]);
    const again = await patch('web', { selector: { app: 'b' } });
    expect(again?.clusterIPs).toEqual(both?.clusterIPs);
    expect(await refusal(patch('web', { clusterIPs: [before?.clusterIP] }))).toContain(
      "must be 'SingleStack' to release the secondary cluster IP",
    );
    expect(
      await refusal(patch('web', { clusterIP: '10.43.0.7', clusterIPs: ['10.43.0.7', both?.clusterIPs?.[1]] })),
    ).toContain('spec.clusterIPs[0]: Invalid value: ');
    const one = await patch('web', { ipFamilyPolicy: 'SingleStack' });
    expect([one?.clusterIPs, one?.ipFamilies]).toEqual([[before?.clusterIP], ['IPv4']]);
    const clusterIP = both?.clusterIPs?.[1];
    expect(await create('other', { clusterIP })).toMatchObject({ clusterIP });
  });

  it('of headless Services have no addresses', async () => {
    const spec = await create('web', { clusterIP: 'None', selector: { app: 'a' }, ipFamilyPolicy: 'PreferDualStack' });
    expect([spec?.clusterIPs, spec?.ipFamilies]).toEqual([['None'], ['IPv4', 'IPv6']]);
  });
});

describe('a node port', () => {
  const nodePort = (spec: Service['spec']) => spec?.ports?.map((one) => one.nodePort);

  it('is drawn where the type has one, the same for TCP and UDP', async () => {
    const ports = [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      { name: 'web', port: 80, protocol: 'TCP' },
    ];
    expect(nodePort(await create('web', { type: 'NodePort', ports }))).toEqual([30_086, 30_086, 30_087]);
    expect(nodePort(await create('plain'))).toEqual([undefined]);
  });

  it('is the one that was asked for, unless it is taken or out of range', async () => {
    const asked = (name: string, wanted: number) =>
      create(name, { type: 'NodePort', ports: [{ ...port, nodePort: wanted }] });
    expect(nodePort(await asked('web', 30_080))).toEqual([30_080]);
    expect(await refusal(asked('other', 30_080))).toBe(
      '422 Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
    expect(await refusal(asked('other', 80))).toContain(
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    );
    const same = await Promise.allSettled(['a', 'b'].map((name) => asked(name, 30_081)));
    expect(same.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('stays through updates, and goes when the type changes', async () => {
    await create('web', { type: 'NodePort', ports: [{ ...port, nodePort: 30_080 }] });
    expect(nodePort(await patch('web', { ports: [{ port: 80, targetPort: 8080 }] }))).toEqual([30_080]);
    const plain = await patch('web', { type: 'ClusterIP' });
    expect([nodePort(plain), plain?.externalTrafficPolicy]).toEqual([[undefined], undefined]);
    expect(nodePort(await create('other', { type: 'NodePort', ports: [{ ...port, nodePort: 30_080 }] }))).toEqual([
      30_080,
    ]);
  });

  it('for health checks comes with a local load balancer', async () => {
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
    const spec = await create('web', local);
    expect([nodePort(spec), spec?.healthCheckNodePort]).toEqual([[30_086], 30_087]);
    expect((await patch('web', { externalTrafficPolicy: 'Cluster' }))?.healthCheckNodePort).toBeUndefined();
    const without = await create('bare', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false });
    expect(nodePort(without)).toEqual([undefined]);
  });
});
