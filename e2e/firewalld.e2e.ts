import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../src/kinds/types.ts';
import { pageOnHost, pageOutside, startClient, untilPage } from './clients.ts';
import { box, eventually, kubectl } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, getObject, podsOf, remove, untilRolledOut } from './pods.ts';

const HELLO = /hello from Quadshift, version v1/;
const NODE_PORT = 30_193;
const CLIENT = 'qs-default_walled-asker_main';

/** A look at something, and what is to be seen. */
type Look = readonly [what: string, look: () => Promise<string>, expected: RegExp];

let machine: Server;
let looks: readonly Look[];

/** Another machine, as the pods see it: this one, at its end of the link to the box. */
async function startMachine(): Promise<string> {
  machine = createServer((_, response) => response.end('another machine'));
  const address = (await box.address()).replace(/\d+$/, '1');
  await new Promise<void>((resolve) => machine.listen(0, address, resolve));
  return `http://${address}:${(machine.address() as AddressInfo).port}/`;
}

/** From inside a pod without the API server's help, which may be masked. */
const inContainer = (...command: readonly string[]) => box.must(['podman', 'exec', CLIENT, ...command]);
const page = (url: string) => inContainer('wget', '-q', '-T', '2', '-O', '-', url);

async function untilAll(): Promise<void> {
  await Promise.all(looks.map(([, look, expected]) => untilPage(look, expected)));
}

beforeAll(async () => {
  const away = await startMachine();
  await apply(webDeployment({ name: 'walled', replicas: 2 }));
  const ports = [{ port: 80, targetPort: 8080, nodePort: NODE_PORT }];
  const spec = { type: 'NodePort', selector: { app: 'walled' }, ports };
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'walled' }, spec }));
  await untilRolledOut('walled');
  await startClient('walled-asker');
  const { clusterIP } = (await getObject<Service>('service', 'walled')).spec ?? {};
  const podIP = (await podsOf('walled'))[0]?.status?.podIP;
  const outside = `http://${await box.address()}:${NODE_PORT}/`;
  looks = [
    ['a Service from a pod, by its name', () => page('http://walled/'), HELLO],
    ['a pod from a pod', () => page(`http://${podIP}:8080/`), HELLO],
    ['another machine from a pod', () => page(away), /another machine/],
    ['a node port from a pod', () => page(outside), HELLO],
    ['a Service from the host', () => pageOnHost(`http://${clusterIP}/`), HELLO],
    ['a node port from another machine', () => pageOutside(outside), HELLO],
    ['the resolver', () => inContainer('nslookup', '-type=a', 'walled.default.svc.cluster.local'), /10\.43\./],
  ];
}, 120_000);

afterAll(async () => {
  await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  await box.exec(['systemctl', 'disable', '--now', 'firewalld.service']);
  await box.exec(['sh', '-c', 'rm -f /etc/firewalld/zones/*']);
  await new Promise((resolve) => machine.close(resolve));
  await eventually(() => remove('deployment/walled', 'service/walled', 'pod/walled-asker').then(() => true), {
    what: 'the API to be back',
  });
});

describe('beside firewalld', () => {
  it('everything is reached as before, once it has started', async () => {
    await untilAll();
    await box.must(['systemctl', 'start', 'firewalld.service']);
    expect((await box.must(['firewall-cmd', '--state'])).trim()).toBe('running');
    // The first time, it has to be told about the pods.
    await untilAll();
    // The API from inside: a connection to the host itself.
    await inContainer('sh', '-c', 'nc -w 2 kubernetes.default 443 </dev/null');
  });

  it('the API is reached from other machines once it was opened, as documented', async () => {
    expect((await kubectl(['get', '--raw=/readyz'])).stderr).toMatch(/no route to host|refused|prohibited/);
    await box.must(['firewall-cmd', '--quiet', '--add-service=kube-apiserver']);
    expect((await kubectl(['get', '--raw=/readyz'])).stdout).toBe('ok');
  });

  it('what it doesn’t know is rejected: it is at work', async () => {
    const refused = fetch(`http://${await box.address()}:5000/`, { signal: AbortSignal.timeout(2000) });
    await expect(refused).rejects.toThrow();
    await box.must(['firewall-cmd', '--zone=trusted', '--remove-source=10.42.0.0/16']);
    const [, cutOff] = looks.find(([what]) => what.startsWith('another machine')) ?? [];
    await expect(cutOff?.()).rejects.toThrow();
  });

  it.each([
    ['a reload', ['firewall-cmd', '--reload']],
    ['a complete reload', ['firewall-cmd', '--complete-reload']],
    ['a restart', ['systemctl', 'restart', 'firewalld.service']],
    ['a reload of netavark', ['podman', 'network', 'reload', '--all']],
  ])('everything is reached soon after %s', async (_, command) => {
    await box.must(command);
    await untilAll();
  });

  it('everything is reached after a boot, without the API server', async () => {
    await box.must(['systemctl', 'enable', 'firewalld.service']);
    await box.must(['systemctl', 'mask', '--now', 'quadshift.service', 'quadshift.socket']);
    await box.reboot();
    await untilAll();
    expect(await box.must(['firewall-cmd', '--zone=trusted', '--list-sources'])).toContain('10.42.0.0/16');
  });
});
