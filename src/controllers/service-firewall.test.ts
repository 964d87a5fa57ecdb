import { beforeEach, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import { kindOf } from './resources.ts';
import { serviceFirewallController } from './service-firewall.ts';

let registry: FakeRegistry;
let done: string[];
let refuses: boolean;

function controller() {
  const note = (what: string) => async (script: string) => {
    done.push(`${what} ${script.includes('delete table') ? 'table' : 'change'}`);
    if (what === 'load' && refuses) throw new Error('refused');
  };
  const activate = async () => done.push('activate');
  const nft = { load: note('load'), check: note('check') };
  return serviceFirewallController(registry, { nft, persist: note('persist'), activate, serviceCidr: '10.43.0.0/16' });
}

const reconcile = (one: ReturnType<typeof controller>) => one.reconcile('ruleset', new AbortController().signal);

async function addService(name: string): Promise<void> {
  const object = { metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }] } };
  await registry.create(kindOf(registry, '/services'), object);
}

beforeEach(async () => {
  done = [];
  refuses = false;
  registry = createFakeRegistry(catalogue);
  await registry.create(kindOf(registry, '/namespaces'), { metadata: { name: 'default' } });
});

it('replaces the table when it starts, and writes changes from then on', async () => {
  const one = controller();
  await reconcile(one);
  expect(done.splice(0)).toEqual(['check table', 'persist table', 'activate', 'load table']);
  await reconcile(one);
  expect(done).toEqual([]);
  await addService('web');
  await reconcile(one);
  expect(done).toEqual(['persist table', 'load change']);
});

it('puts the file back when a change is refused, and replaces the table then', async () => {
  const one = controller();
  await reconcile(one);
  await addService('web');
  done = [];
  refuses = true;
  await expect(reconcile(one)).rejects.toThrow('refused');
  expect(done.splice(0)).toEqual(['persist table', 'load change', 'persist table']);
  refuses = false;
  await reconcile(one);
  expect(done).toEqual(['check table', 'persist table', 'activate', 'load table']);
});
