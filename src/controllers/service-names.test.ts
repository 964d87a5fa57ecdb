import { beforeEach, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import type { Controller } from './controller.ts';
import { kindOf } from './resources.ts';
import { serviceNamesController } from './service-names.ts';

let registry: FakeRegistry;
let files: Map<string, string>;
let done: string[];
let isDown: boolean;

function controller(): Controller {
  const unit = (verb: string) => async (name: string) => {
    done.push(`${verb} ${name}`);
    return 'done' as const;
  };
  const made = serviceNamesController({
    resolver: {
      reloadZone: async (zone) => {
        if (isDown) throw new Error('down');
        done.push(`reload ${zone}`);
      },
    },
    files: {
      folder: '/net',
      read: async (name) => files.get(name),
      write: async (name, content) => {
        done.push(`write ${name}`);
        files.set(name, content);
      },
    },
    serviceManager: { start: unit('start'), restart: unit('restart') },
    clusterDomain: 'cluster.local',
    serviceCidrs: ['10.43.0.0/16'],
    podCidrs: ['10.42.0.0/16'],
    gateways: ['10.42.0.1'],
    stubDomains: {},
  });
  for (const { resource, keys } of made.inputs) {
    const kind = kindOf(registry, resource);
    for (const entry of registry.list(kind, {}).entries) {
      keys({ type: 'ADDED', revision: entry.revision, entry, previous: undefined });
    }
    registry.subscribe(kind, (events) => events.forEach(keys));
  }
  return made;
}

async function reconcile(one: Controller): Promise<readonly string[]> {
  await one.reconcile('zones', new AbortController().signal);
  return done.splice(0);
}

async function addService(name: string): Promise<void> {
  const object = { metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }] } };
  await registry.create(kindOf(registry, '/services'), object);
}

const RELOADS = ['reload cluster.local', 'reload 43.10.in-addr.arpa', 'reload 42.10.in-addr.arpa'];

beforeEach(async () => {
  [files, done, isDown] = [new Map(), [], false];
  registry = createFakeRegistry(catalogue);
  await registry.create(kindOf(registry, '/namespaces'), { metadata: { name: 'default' } });
});

it('writes zones and configuration, starts the resolver, and writes only what differs from then on', async () => {
  const one = controller();
  expect(await reconcile(one)).toEqual([
    'write cluster.local.zone',
    'write 43.10.in-addr.arpa.zone',
    'write 42.10.in-addr.arpa.zone',
    'write unbound.conf',
    'restart quadshift-dns.service',
    ...RELOADS,
  ]);
  expect(files.get('unbound.conf')).toContain('zonefile: "/net/cluster.local.zone"');
  expect(await reconcile(one)).toEqual([]);
  await addService('web');
  expect(await reconcile(one)).toEqual([
    'write cluster.local.zone',
    'write 43.10.in-addr.arpa.zone',
    'reload cluster.local',
    'reload 43.10.in-addr.arpa',
  ]);
  expect(files.get('cluster.local.zone')).toMatch(/^web\.default\.svc A 10\.43\.\d+\.\d+$/m);
});

it('leaves a resolver that is configured alone when the server comes back', async () => {
  await reconcile(controller());
  expect(await reconcile(controller())).toEqual(['start quadshift-dns.service', ...RELOADS]);
});

it('tells the resolver of every change that it missed while it was away', async () => {
  const one = controller();
  await reconcile(one);
  isDown = true;
  await addService('web');
  await expect(reconcile(one)).rejects.toThrow('down');
  done = [];
  isDown = false;
  expect(await reconcile(one)).toEqual(['reload cluster.local', 'reload 43.10.in-addr.arpa']);
});

it('has nothing to do when a pod changes, but not its names', async () => {
  const one = controller();
  await reconcile(one);
  const asked = (status: object): readonly string[] => {
    const object = { metadata: { name: 'web', namespace: 'default' }, status };
    const entry = { key: 'web', object, json: '', revision: 1, createRevision: 1 };
    const input = one.inputs.find(({ resource }) => resource === '/pods');
    return input?.keys({ type: 'MODIFIED', revision: 1, entry, previous: undefined }) ?? [];
  };
  expect(asked({ podIP: '10.42.0.7', podIPs: [{ ip: '10.42.0.7' }] })).toEqual(['zones']);
  expect(await reconcile(one)).toContain('write cluster.local.zone');
  expect(asked({ podIP: '10.42.0.7', podIPs: [{ ip: '10.42.0.7' }], phase: 'Running' })).toEqual([]);
  expect(asked({ podIP: '10.42.0.8', podIPs: [{ ip: '10.42.0.8' }], phase: 'Running' })).toEqual(['zones']);
});
