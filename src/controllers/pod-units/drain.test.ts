import { expect, it } from 'vitest';
import { catalogue } from '../../kinds/catalogue.ts';
import type { EndpointSlice, Pod, Service } from '../../kinds/types.ts';
import { createFakeRegistry } from '../../registry/fake-registry.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createResources } from '../resources.ts';
import { createDrain } from './drain.ts';

const pod = { metadata: { name: 'web-1', namespace: 'default', uid: 'u1', labels: { app: 'web' } } } as Pod;

async function setUp({ selector = { app: 'web' } }: { selector?: { [name: string]: string } } = {}) {
  const clock = createFakeClock();
  const registry = createFakeRegistry(catalogue, { clock: () => clock.now() });
  const resources = createResources(registry);
  await resources.namespaces.create({ metadata: { name: 'default' } });
  const metadata = { name: 'web', namespace: 'default' };
  await resources.services.create({ metadata, spec: { selector, ports: [{ port: 80 }] } } as Service);
  const slice = await resources.endpointSlices.create({
    metadata,
    addressType: 'IPv4',
    endpoints: [
      { addresses: ['10.42.0.2'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'web-1', uid: 'u1' } },
    ],
  } as unknown as EndpointSlice);
  const log: string[] = [];
  const drain = createDrain({ resources, clock, settled: async () => void log.push('settled') });
  const turns = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 20) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(20);
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  const begin = (grace: number): void => void drain(pod, grace).then(() => log.push('drained'));
  const leave = (): Promise<unknown> =>
    resources.endpointSlices.modify(slice, (now) => ({
      ...now,
      endpoints: (now.endpoints ?? []).map((one) => ({ ...one, conditions: { ready: false, terminating: true } })),
    }));
  return { begin, leave, turns, log };
}

it('waits until no endpoint and no rule leads to the pod, and for what was on its way', async () => {
  const { begin, leave, turns, log } = await setUp();
  begin(30);
  await turns(500);
  expect(log).toEqual([]);
  await leave();
  await turns(100);
  expect(log).toEqual(['settled']);
  await turns(1100);
  expect(log).toEqual(['settled', 'drained']);
});

it('takes at most half of the grace', async () => {
  const { begin, turns, log } = await setUp();
  begin(4);
  await turns(1900);
  expect(log).toEqual([]);
  await turns(200);
  expect(log).toContain('drained');
});

it('has nothing to wait for when there is no grace, or no Service', async () => {
  const served = await setUp();
  served.begin(0);
  const other = await setUp({ selector: { app: 'other' } });
  other.begin(30);
  await Promise.all([served.turns(0), other.turns(0)]);
  expect([served.log, other.log]).toEqual([['drained'], ['drained']]);
});
