import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/kinds/types.ts';
import { inPod, lookUp, pageInPod, startClient, untilPage } from './clients.ts';
import { box, eventually } from './harness.ts';
import { webDeployment } from './manifests.ts';
import {
  BORROWED,
  countAddresses,
  elsewhere,
  host,
  insideOf,
  lookUpFrom,
  plugInElsewhere,
  STAY,
  unplugElsewhere,
} from './places.ts';
import { apply, getObject, podsOf, remove, untilRolledOut } from './pods.ts';

const HELLO = /hello from Quadshift, version v1/;
const DOMAIN = 'default.svc.cluster.local';
const STUBS = '/etc/quadshift/config.d/stubs.yaml';

function service(name: string, spec: object): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec });
}

const pod = insideOf('asker');
/** A pod on the host's network that asks for the cluster's names. */
const hostling = insideOf('hostling');
/** Who asks whom: pods whatever stands in their files, others the Service, which is routed to them. */
const ASKERS = [
  { from: pod },
  { from: hostling },
  { from: host, server: '10.42.0.1' },
  { from: host, server: '10.43.0.10' },
  { from: elsewhere, server: '10.43.0.10' },
] as const;

/** Waits until a name is answered like this everywhere. */
async function untilResolved(name: string, expected: RegExp, type = 'a'): Promise<void> {
  const look = async ({ from, ...how }: (typeof ASKERS)[number]) => {
    const answer = (await lookUpFrom(from, name, { ...how, type })).split('\n\n').slice(1).join('\n');
    if (!expected.test(answer)) throw new Error(`${name} for ${from.name}: ${answer}`);
    return true;
  };
  const until = (asker: (typeof ASKERS)[number]) => eventually(() => look(asker), { what: `${name} like ${expected}` });
  await Promise.all(ASKERS.map(until));
}

function backward(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
}

/** A resolver that the host uses: it knows one name. */
async function startUpstream(address: string, answer: string): Promise<void> {
  const config = [
    'server:',
    `  interface: ${address}`,
    '  do-daemonize: no\n  username: ""\n  chroot: ""\n  pidfile: ""\n  use-syslog: no',
    '  local-zone: "example.org." static',
    `  local-data: "www.example.org. 1 A ${answer}"`,
    'remote-control:\n  control-enable: no',
  ].join('\n');
  const file = `/run/upstream-${answer}.conf`;
  await box.must(['sh', '-c', `cat >${file}`], { input: config });
  await box.must(['systemd-run', '--quiet', `--unit=upstream-${answer}`, 'unbound', '-d', '-c', file]);
}

async function useResolver(line: string): Promise<void> {
  await box.must(['sh', '-c', 'cat >/etc/resolv.conf'], { input: `${line}\n` });
}

beforeAll(async () => {
  await plugInElsewhere();
  await apply(webDeployment({ name: 'named', replicas: 2 }));
  await apply(service('named', { selector: { app: 'named' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] }));
  await apply(
    service('each', { clusterIP: 'None', selector: { app: 'named' }, ports: [{ name: 'http', port: 8080 }] }),
  );
  await apply(service('group', { clusterIP: 'None', selector: { app: 'asker' }, ports: [{ port: 80 }] }));
  await apply(service('near', { type: 'ExternalName', externalName: `named.${DOMAIN}` }));
  await apply(service('far', { type: 'ExternalName', externalName: 'www.example.org' }));
  await untilRolledOut('named');
  const [image, command] = ['localhost:5000/busybox:latest', ['sh', '-c', STAY]];
  const containers = [{ name: 'main', image, command, volumeMounts: BORROWED.volumeMounts }];
  const more = { volumes: BORROWED.volumes, containers };
  await startClient('asker', { hostname: 'first', subdomain: 'group', ...more });
  await startClient('hostling', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet', ...more });
});

afterAll(async () => {
  await useResolver('# none');
  await box.exec(['systemctl', 'stop', 'upstream-*.service']);
  const services = ['named', 'each', 'group', 'near', 'far'].map((name) => `service/${name}`);
  await unplugElsewhere();
  await remove('deployment/named', 'pod/asker', 'pod/hostling', ...services);
});

describe('names', () => {
  it('lead pods to Services, in every length', async () => {
    for (const name of ['named', 'named.default', 'named.default.svc', `named.${DOMAIN}`]) {
      await untilPage(() => pageInPod('asker', `http://${name}/`), HELLO);
    }
    for (const file of [await pod.run('cat', '/etc/resolv.conf'), await hostling.run('cat', '/etc/resolv.conf')]) {
      expect(file).toMatch(/^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/m);
      expect(file).toMatch(/^options ndots:5$/m);
    }
    await untilPage(() => hostling.page('http://named/'), HELLO);
  });

  it('of the system are at their usual address', async () => {
    expect((await getObject<Service>('service', 'kube-dns', '-n', 'kube-system')).spec?.clusterIP).toBe('10.43.0.10');
    expect(await lookUp('kubernetes.default.svc.cluster.local', 'a', '10.43.0.10')).toContain('Address: 10.43.0.1');
    expect(await inPod('asker', 'nslookup', `named.${DOMAIN}`, '10.43.0.10')).toContain('10.43.');
  });

  it('of a headless Service are its pods', async () => {
    const ips = (await podsOf('named')).map((pod) => pod.status?.podIP ?? '');
    for (const ip of ips) {
      await untilResolved(`each.${DOMAIN}`, new RegExp(`Address: ${ip}\\b`));
      await untilResolved(`${ip.replaceAll('.', '-')}.default.pod.cluster.local`, new RegExp(`Address: ${ip}\\b`));
      await untilResolved(backward(ip), new RegExp(`${ip.replaceAll('.', '-')}.each.${DOMAIN}`), 'ptr');
    }
  });

  it('of a pod with host name and subdomain lead to it', async () => {
    const { podIP } = (await getObject<{ status: { podIP: string } }>('pod', 'asker')).status;
    await untilResolved(`first.group.${DOMAIN}`, new RegExp(`Address: ${podIP}\\b`));
    expect((await inPod('asker', 'hostname', '-f')).trim()).toBe(`first.group.${DOMAIN}`);
  });

  it('of ports say where, and addresses lead back', async () => {
    await untilResolved(`_http._tcp.named.${DOMAIN}`, new RegExp(`0 100 80 named.${DOMAIN}`), 'srv');
    const ips = (await podsOf('named')).map(({ status }) => status?.podIP?.replaceAll('.', '-') ?? '');
    for (const ip of ips) {
      await untilResolved(`_http._tcp.each.${DOMAIN}`, new RegExp(`0 100 8080 ${ip}.each.${DOMAIN}`), 'srv');
    }
    const { clusterIP } = (await getObject<Service>('service', 'named')).spec ?? {};
    await untilResolved(backward(clusterIP ?? ''), new RegExp(`named.${DOMAIN}`), 'ptr');
  });

  it('that are others are followed', async () => {
    await untilPage(() => pageInPod('asker', 'http://near/'), HELLO);
    await untilResolved(`near.${DOMAIN}`, new RegExp(`canonical name = named.${DOMAIN}[^]*Address: 10\\.43\\.`));
  });

  it('may have more addresses than fit into a datagram', async () => {
    const addresses = Array.from({ length: 120 }, (_, i) => `198.51.100.${i + 1}`);
    await apply(service('crowd', { clusterIP: 'None' }));
    await apply(
      JSON.stringify({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'crowd', namespace: 'default', labels: { 'kubernetes.io/service-name': 'crowd' } },
        addressType: 'IPv4',
        endpoints: addresses.map((address) => ({ addresses: [address] })),
        ports: [],
      }),
    );
    await useResolver('nameserver 10.42.0.1');
    // The C library asks again over TCP.
    const found = async () => {
      const { stdout } = await box.exec(['getent', 'ahostsv4', `crowd.${DOMAIN}`]);
      return new Set(stdout.match(/^198\.51\.100\.\d+/gm)).size === addresses.length;
    };
    await eventually(found, { what: 'all of the addresses' });
    for (const from of [pod, hostling, host, elsewhere]) {
      const ask = (protocol: 'udp' | 'tcp') =>
        countAddresses(from, `crowd.${DOMAIN}`, { server: '10.43.0.10', protocol });
      await eventually(
        async () => expect([await ask('udp'), await ask('tcp')]).toEqual(['truncated', '120 addresses']),
        {
          what: `the crowd for ${from.name}`,
        },
      );
    }
    await useResolver('# none');
    await remove('service/crowd', 'endpointslice/crowd');
  });

  it('exist soon after their Service, although they were asked for before', async () => {
    expect(await lookUp(`late.${DOMAIN}`)).toContain('NXDOMAIN');
    await apply(service('late', { ports: [{ port: 80 }] }));
    const isThere = async () => (await lookUp(`late.${DOMAIN}`)).includes('Address: 10.43.');
    await eventually(isThere, { what: 'the name' });
    await untilResolved(`late.${DOMAIN}`, /Address: 10\.43\./);
    await remove('service/late');
    await untilResolved(`late.${DOMAIN}`, /NXDOMAIN/);
  });
});

describe('everything else', () => {
  it('is asked of the resolvers that the host uses at that moment', async () => {
    await startUpstream('127.0.0.11', '192.0.2.11');
    await startUpstream('127.0.0.12', '192.0.2.12');
    await useResolver('nameserver 127.0.0.11');
    await untilResolved('www.example.org', /192\.0\.2\.11/);
    await untilResolved(`far.${DOMAIN}`, /192\.0\.2\.11/);
    await useResolver('nameserver 127.0.0.12');
    await untilResolved('www.example.org', /192\.0\.2\.12/);
  });

  it('is asked of others where a domain has resolvers of its own', async () => {
    await startUpstream('127.0.0.13', '192.0.2.13');
    await box.must(['sh', '-c', `mkdir -p /etc/quadshift/config.d && cat >${STUBS}`], {
      input: 'network: { stubDomains: { example.org: [127.0.0.13] } }\n',
    });
    await box.must(['systemctl', 'restart', 'quadshift.service']);
    try {
      await untilResolved('www.example.org', /192\.0\.2\.13/);
      await untilResolved(`named.${DOMAIN}`, /Address: 10\.43\./);
    } finally {
      await box.must(['rm', STUBS]);
      await box.must(['systemctl', 'restart', 'quadshift.service']);
    }
    await untilResolved('www.example.org', /192\.0\.2\.12/);
  });

  it('is refused at once without any', async () => {
    await useResolver('# none');
    const refused = async () =>
      /REFUSED/.test((await box.exec(['busybox', 'nslookup', 'a.example', '10.42.0.1'])).stdout);
    await eventually(refused, { what: 'a refusal' });
    await untilPage(() => pageInPod('asker', 'http://named/'), HELLO);
  });
});

describe('the resolver', () => {
  it('answers from files that unbound itself finds sound, without the API server', async () => {
    await box.must(['unbound-checkconf', '/var/lib/quadshift/net/unbound.conf']);
    await box.must(['systemctl', 'stop', 'quadshift.socket', 'quadshift.service']);
    try {
      await box.must(['systemctl', 'restart', 'quadshift-dns.service']);
      await untilResolved(`named.${DOMAIN}`, /Address: 10\.43\./);
      const pid = await box.must(['systemctl', 'show', '--value', '-p', 'MainPID', 'quadshift-dns.service']);
      expect(await box.must(['ps', '-o', 'user=', '-p', pid.trim()])).not.toContain('root');
    } finally {
      await box.must(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
    }
  });
});
