import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/kinds/types.ts';
import { pageInPod, pageOnHost, pageOutside, startClient, untilPage } from './clients.ts';
import { box, eventually } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, getObject, remove, run, untilRolledOut } from './pods.ts';

const HELLO = /hello from Quadshift, version v1/;
const EXTERNAL = '198.51.100.7';
const UDP_PORT = 5353;

let host: string;
let balanced: Service;

const manifest = (name: string, spec: object): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: 'balanced' }, ...spec },
  });

const LOAD_BALANCER = {
  type: 'LoadBalancer',
  externalTrafficPolicy: 'Local',
  externalIPs: [EXTERNAL],
  ports: [{ port: 8099, targetPort: 8080 }],
};

beforeAll(async () => {
  host = await box.address();
  await apply(webDeployment({ name: 'balanced' }));
  await apply(manifest('balanced', LOAD_BALANCER));
  await apply(manifest('datagrams', { ports: [{ port: UDP_PORT, protocol: 'UDP' }] }));
  await Promise.all([untilRolledOut('balanced'), startClient('asker'), startClient('hostling', { hostNetwork: true })]);
  balanced = await getObject<Service>('service', 'balanced');
});

afterAll(async () => {
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  await remove('deployment/balanced', 'service/balanced', 'service/datagrams', 'pod/asker', 'pod/hostling');
});

describe('a Service of type LoadBalancer', () => {
  it('is reached at the node’s address, from everywhere', async () => {
    const url = `http://${host}:8099/`;
    await untilPage(() => pageOutside(url), HELLO);
    await untilPage(() => pageOnHost(url), HELLO);
    await untilPage(() => pageInPod('asker', url), HELLO);
    await untilPage(() => pageInPod('hostling', `http://${balanced.spec?.clusterIP}:8099/`), HELLO);
  });

  it('sees who asks', async () => {
    await pageOutside(`http://${host}:8099/`);
    // The machine's own end of the link to the box.
    const outside = host.replace(/\d+$/, '1');
    const log = () => run('logs', 'deployment/balanced');
    await eventually(async () => expect(await log()).toContain(`[::ffff:${outside}]`), { what: 'who asked' });
  });

  it('is reached at its external addresses', async () => {
    await untilPage(() => pageInPod('asker', `http://${EXTERNAL}:8099/`), HELLO);
    await untilPage(() => pageOnHost(`http://${EXTERNAL}:8099/`), HELLO);
  });

  it('keeps out whom its source ranges don’t name, but at the node port', async () => {
    await apply(manifest('balanced', { ...LOAD_BALANCER, loadBalancerSourceRanges: ['192.0.2.0/24'] }));
    await eventually(
      async () => {
        await expect(pageOutside(`http://${host}:8099/`)).rejects.toThrow('timeout');
        return true;
      },
      { what: 'silence' },
    );
    await untilPage(() => pageOutside(`http://${host}:${balanced.spec?.ports?.[0]?.nodePort}/`), HELLO);
    await apply(manifest('balanced', LOAD_BALANCER));
  });
});

describe('a health check port', () => {
  const health = async (): Promise<readonly [number, unknown]> => {
    const url = `http://${host}:${balanced.spec?.healthCheckNodePort}/healthz`;
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return [response.status, await response.json()];
  };
  const answer = (localEndpoints: number) => ({
    service: { namespace: 'default', name: 'balanced' },
    localEndpoints,
    serviceProxyHealthy: true,
  });
  const until = (status: number, count: number) =>
    eventually(
      async () => {
        expect(await health()).toEqual([status, answer(count)]);
        return true;
      },
      { what: `${status} at the health check port` },
    );

  it('tells whether there is an endpoint here', async () => {
    await until(200, 1);
    await run('scale', 'deployment/balanced', '--replicas=0');
    await until(503, 0);
    await run('scale', 'deployment/balanced', '--replicas=1');
    await until(200, 1);
  });

  it('answers while the API server is down', async () => {
    await box.must(['systemctl', 'stop', 'quadshift.socket', 'quadshift.service']);
    await until(200, 1);
    await box.must(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  });

  it('closes with its Service', async () => {
    await eventually(() => apply(manifest('balanced', { ...LOAD_BALANCER, externalTrafficPolicy: 'Cluster' })), {
      what: 'the API to be back',
    });
    await eventually(
      async () => (await box.exec(['curl', '-s', `localhost:${balanced.spec?.healthCheckNodePort}`])).code === 7,
      { what: 'a refusal' },
    );
    const units = ['systemctl', 'list-units', '--all', '--plain', '--no-legend', 'qs-_health_*'];
    await eventually(async () => expect(await box.must(units)).toBe(''), { what: 'no unit of it' });
  });
});

it('UDP flows to a pod that is gone are forgotten, before they would end by themselves', async () => {
  const { clusterIP } = (await getObject<Service>('service', 'datagrams')).spec ?? {};
  const flows = async () => (await box.exec(['conntrack', '-L', '-p', 'udp', '--orig-dst', clusterIP ?? ''])).stdout;
  await eventually(
    async () => {
      await box.must(['bash', '-c', `echo x >/dev/udp/${clusterIP}/${UDP_PORT}`]);
      return (await flows()).includes('src=10.42.');
    },
    { what: 'a flow to the pod' },
  );
  await run('delete', 'pod', '-l', 'app=balanced', '--wait=false');
  await eventually(async () => (await flows()) === '', { what: 'no flow' });
});
