import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/kinds/types.ts';
import { inPod, pageInPod, pageOnHost, pageOutside, startClient, untilPage } from './clients.ts';
import { box, eventually, kubectl } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, getObject, podsOf, remove, run, untilRolledOut } from './pods.ts';

const NODE_PORT = 30_190;
const HELLO = /hello from Quadshift, version v1/;

function service(name: string, spec: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80, targetPort: 8080 }], ...spec },
  });
}

async function addressOf(name: string): Promise<string> {
  return (await getObject<Service>('service', name)).spec?.clusterIP ?? '';
}

let outside: string;
let served: string;

beforeAll(async () => {
  outside = `http://${await box.address()}:${NODE_PORT}/`;
  await apply(webDeployment({ name: 'served', replicas: 2 }));
  const ports = [{ port: 80, targetPort: 8080, nodePort: NODE_PORT }];
  await apply(service('served', { type: 'NodePort', selector: { app: 'served' }, ports }));
  await apply(service('nobody', { selector: { app: 'nobody' } }));
  await untilRolledOut('served');
  await startClient('caller');
  served = `http://${await addressOf('served')}/`;
});

afterAll(() => remove('deployment/served', 'service/served', 'service/nobody', 'service/sticky', 'pod/caller'));

describe('a Service', () => {
  it('has an address of the range, which nobody else gets', async () => {
    const clusterIP = await addressOf('served');
    expect(clusterIP).toMatch(/^10\.43\.\d+\.\d+$/);
    const taken = await kubectl(['apply', '-f', '-'], { input: service('thief', { clusterIP }) });
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('provided IP is already allocated')]);
    const ports = [{ port: 80, nodePort: NODE_PORT }];
    const port = await kubectl(['apply', '-f', '-'], { input: service('thief', { type: 'NodePort', ports }) });
    expect([port.code, port.stderr]).toEqual([1, expect.stringContaining('provided port is already allocated')]);
  });

  it('is reached from pods, from the host and from other machines', async () => {
    await untilPage(() => pageInPod('caller', served), HELLO);
    await untilPage(() => pageOnHost(served), HELLO);
    await untilPage(() => pageOnHost(`http://${new URL(outside).host}/`), HELLO);
    await untilPage(() => pageOutside(outside), HELLO);
    await untilPage(() => pageInPod('caller', outside), HELLO);
  });

  it('is reached by its own pods, whichever of them answers', async () => {
    const [pod] = await podsOf('served');
    for (let i = 0; i < 8; i++) await untilPage(() => pageInPod(pod?.metadata?.name ?? '', served), HELLO);
  });

  it('spreads over its ready pods, which see who is asking', async () => {
    const caller = await getObject<{ status: { podIP: string } }>('pod', 'caller');
    for (let i = 0; i < 16; i++) await untilPage(() => pageInPod('caller', served), HELLO);
    for (const pod of await podsOf('served')) {
      const log = () => run('logs', pod.metadata?.name ?? '');
      await eventually(async () => expect(await log()).toContain(`[::ffff:${caller.status.podIP}]`), {
        what: 'who asked, in the log',
      });
    }
  });

  it('without a pod refuses at once', async () => {
    const nobody = `http://${await addressOf('nobody')}/`;
    const refused = await box.exec(['curl', '-sS', '-m', '2', nobody]);
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('Failed to connect')]);
    await expect(pageInPod('caller', nobody)).rejects.toThrow('Connection refused');
  });

  it('keeps a client with one pod when asked to', async () => {
    await apply(service('sticky', { selector: { app: 'served' }, sessionAffinity: 'ClientIP' }));
    const sticky = `http://${await addressOf('sticky')}/`;
    await untilPage(() => pageInPod('caller', sticky), HELLO);
    const counts = async () => {
      const logs = await Promise.all((await podsOf('served')).map((pod) => run('logs', pod.metadata?.name ?? '')));
      const { podIP } = (await getObject<{ status: { podIP: string } }>('pod', 'caller')).status;
      return logs.map((log) => log.split(`[::ffff:${podIP}]`).length);
    };
    const before = await counts();
    for (let i = 0; i < 5; i++) await untilPage(() => pageInPod('caller', sticky), HELLO);
    // The server makes the table anew when it starts.
    await box.must(['systemctl', 'restart', 'quadshift.service']);
    await eventually(async () => (await kubectl(['get', '--raw=/readyz'])).code === 0, { what: 'the API to be back' });
    for (let i = 0; i < 5; i++) await untilPage(() => pageInPod('caller', sticky), HELLO);
    const asked = async () => (await counts()).map((count, i) => count - (before[i] ?? 0));
    // Logs come a little later.
    await eventually(async () => (await asked()).some((count) => count >= 10), { what: 'ten requests in the log' });
    expect((await asked()).filter((count) => count === 0)).toHaveLength(1);
  });

  it('named kubernetes leads to the API', async () => {
    expect(await box.must(['curl', '-skf', '-m', '2', 'https://10.43.0.1/version'])).toContain('gitVersion');
    await inPod('caller', 'sh', '-c', 'nc -w 2 10.43.0.1 443 </dev/null');
  });
});

describe('the rules', () => {
  const works = () => untilPage(() => pageOutside(outside), HELLO);

  it('are all there are for pods that publish nothing on the host', async () => {
    // Quadlet drops an Environment= of its source, so what counts is what systemd has read.
    const unit = 'qs-default_caller__pod.service';
    const environment = await box.must(['systemctl', 'show', '--property=Environment', '--value', unit]);
    expect(environment).toContain('NETAVARK_FW=none');
  });

  it('are back when somebody flushes them', async () => {
    await box.must(['nft', 'flush', 'ruleset']);
    const back = async () => (await box.exec(['nft', 'list', 'table', 'inet', 'quadshift'])).code === 0;
    await eventually(back, { what: 'our table' });
    // netavark's own rules are Podman's to restore; ours carry this.
    await works();
    await box.must(['podman', 'network', 'reload', '--all']);
  });

  it('are back after a restart of nftables, and there all along when netavark reloads', async () => {
    const isThere = async () => (await box.exec(['nft', 'list', 'chain', 'inet', 'quadshift', 'services'])).code === 0;
    await box.must(['systemctl', 'restart', 'nftables.service']);
    await eventually(isThere, { what: 'our table' });
    await box.must(['podman', 'network', 'reload', '--all']);
    expect(await isThere()).toBe(true);
    await box.must(['systemctl', 'stop', 'nftables.service']);
    await eventually(isThere, { what: 'our table' });
    await box.must(['podman', 'network', 'reload', '--all']);
    await works();
  });

  it('touch no other table', async () => {
    const tables = (await box.must(['nft', 'list', 'tables'])).trim().split('\n');
    expect(tables).toEqual(expect.arrayContaining(['table inet netavark', 'table inet quadshift']));
    await box.must(['nft', 'add', 'table', 'inet', 'bystander']);
    await box.must(['systemctl', 'restart', 'quadshift-net.service']);
    expect(await box.must(['nft', 'list', 'tables'])).toContain('bystander');
    await box.must(['nft', 'delete', 'table', 'inet', 'bystander']);
  });

  it('follow a pod that goes and one that comes', async () => {
    await run('scale', 'deployment/served', '--replicas=1');
    await eventually(async () => (await podsOf('served')).length === 1, { what: 'one pod' });
    for (let i = 0; i < 8; i++) await untilPage(() => pageInPod('caller', served), HELLO);
    await run('scale', 'deployment/served', '--replicas=0');
    await eventually(async () => (await box.exec(['curl', '-sS', '-m', '1', served])).code === 7, {
      what: 'a refusal',
    });
    await run('scale', 'deployment/served', '--replicas=2');
    await untilRolledOut('served');
    await works();
  });

  it('are there after a boot without the API server', async () => {
    await box.must(['systemctl', 'mask', '--now', 'quadshift.service', 'quadshift.socket']);
    try {
      await box.reboot();
      await untilPage(() => pageOutside(outside), HELLO);
      await untilPage(() => pageOnHost(served), HELLO);
    } finally {
      await box.must(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
      await box.must(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
    }
  });
});
