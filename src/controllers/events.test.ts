import { describe, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import type { Event } from '../kinds/types.ts';
import { createFakeRegistry } from '../registry/fake-registry.ts';
import { EVENT_TTL_MS, planExpiry } from './event-expiry.ts';
import { createEventRecorder, type Happening } from './events.ts';
import { createFakeClock } from './fake-clock.ts';
import { createResources } from './resources.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const web = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default', uid: 'u1' } };
const backOff: Happening = { type: 'Warning', reason: 'BackOff', message: 'again', component: 'kubelet' };

async function recorded(...happenings: readonly Happening[]) {
  const registry = createFakeRegistry(catalogue, { admission: [] });
  const clock = createFakeClock();
  const { events } = createResources(registry);
  const recorder = createEventRecorder({ events, clock, log: silent, host: 'host' });
  for (const happening of happenings) {
    recorder.record(web, happening);
    clock.advance(1000);
  }
  await recorder.flush();
  return events.list();
}

describe('the event recorder', () => {
  it('counts up one Event when the same thing happens again', async () => {
    const [event, ...others] = await recorded(backOff, backOff, backOff);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      count: 3,
      firstTimestamp: '2026-01-02T03:04:05Z',
      lastTimestamp: '2026-01-02T03:04:07Z',
      involvedObject: { kind: 'Pod', name: 'web', namespace: 'default', uid: 'u1' },
      source: { component: 'kubelet', host: 'host' },
    });
  });

  it('keeps different things apart', async () => {
    const other = { ...backOff, message: 'other' };
    const elsewhere = { ...backOff, fieldPath: 'spec.containers{app}' };
    expect(await recorded(backOff, other, elsewhere)).toHaveLength(3);
  });
});

describe('event expiry', () => {
  it('deletes what is an hour old and waits for the next', () => {
    const at = (lastTimestamp: string): Event => ({ metadata: {}, involvedObject: {}, lastTimestamp });
    const now = Date.parse('2026-01-01T12:00:00Z');
    const [old, young] = [at('2026-01-01T11:00:00Z'), at('2026-01-01T11:30:00Z')];
    expect(planExpiry([young, old], now)).toEqual({ expired: [old], nextMs: EVENT_TTL_MS / 2 });
    expect(planExpiry([], now)).toEqual({ expired: [], nextMs: undefined });
  });
});
