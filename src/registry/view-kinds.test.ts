import { describe, expect, it } from 'vitest';
import { eventKind } from '../kinds/event.ts';
import { eventsEventKind } from '../kinds/events-event.ts';
import { namespaceKind } from '../kinds/namespace.ts';
import type { Event, EventsEvent } from '../kinds/types.ts';
import { at, statusOf } from './fake-kinds.ts';
import { createFakeRegistry } from './fake-registry.ts';

const type = { apiVersion: 'events.k8s.io/v1', kind: 'Event' };
const pod = { kind: 'Pod', name: 'web', namespace: 'shop' };

const body = (name: string, more: object = {}) => ({
  ...type,
  metadata: { name, namespace: 'shop' },
  regarding: pod,
  note: 'pulled',
  reason: 'Pulled',
  action: 'Pulling',
  type: 'Normal',
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'kubelet',
  reportingInstance: 'kubelet-1',
  ...more,
});

/** The view as it would be if its fields could be changed. */
const changeable = { ...eventsEventKind, validateUpdate: () => [] };

async function makeRegistry(view = eventsEventKind) {
  const registry = createFakeRegistry([namespaceKind, eventKind, view]);
  await registry.create(namespaceKind, { metadata: { name: 'shop' } });
  return registry;
}

type Registry = Awaited<ReturnType<typeof makeRegistry>>;
const core = (registry: Registry, name: string) => registry.get(eventKind, at(name)).object as Event;
const viewed = (registry: Registry, name: string) => registry.get(eventsEventKind, at(name)).object as EventsEvent;

describe('an object of a view', () => {
  it('is stored once and read under both names', async () => {
    const registry = await makeRegistry();
    const { entry } = await registry.create(eventsEventKind, body('a'));
    expect(entry.object).toMatchObject({ ...type, regarding: pod, note: 'pulled' });
    expect(JSON.parse(entry.json)).toEqual(entry.object);
    expect(core(registry, 'a')).toMatchObject({ apiVersion: 'v1', involvedObject: pod, message: 'pulled' });
    expect(viewed(registry, 'a')).toEqual(entry.object);
    expect(registry.list(eventsEventKind, {}).entries.map((each) => each.object)).toEqual([entry.object]);
  });

  it('is changed by every kind of patch in its own terms', async () => {
    const registry = await makeRegistry(changeable);
    await registry.create(changeable, body('a'));
    const patch = (patchType: string, change: unknown, options = {}) =>
      registry.patch(changeable, at('a'), { type: patchType, body: change } as never, options);
    await patch('application/merge-patch+json', { note: 'merged' });
    expect(core(registry, 'a').message).toBe('merged');
    await patch('application/strategic-merge-patch+json', { note: 'strategic' });
    expect(core(registry, 'a').message).toBe('strategic');
    await patch('application/json-patch+json', [
      { op: 'test', path: '/note', value: 'strategic' },
      { op: 'replace', path: '/regarding/name', value: 'db' },
    ]);
    expect(core(registry, 'a').involvedObject.name).toBe('db');
    const applied = { ...type, metadata: { name: 'a', namespace: 'shop' }, note: 'applied' };
    const force = { type: 'application/apply-patch+yaml', body: applied, force: true } as const;
    await registry.patch(changeable, at('a'), force, { fieldManager: 'me' });
    expect(core(registry, 'a').message).toBe('applied');
    await registry.update(changeable, at('a'), body('a', { note: 'updated' }));
    expect((registry.get(changeable, at('a')).object as EventsEvent).note).toBe('updated');
  });

  it('obeys the rules of the view beside those of what is stored', async () => {
    const registry = await makeRegistry();
    await registry.create(eventsEventKind, body('a'));
    const series = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' };
    await registry.update(eventsEventKind, at('a'), body('a', { series, eventTime: '2026-01-01T00:00:00Z' }));
    expect(core(registry, 'a').series).toEqual(series);
    expect(await statusOf(registry.update(eventsEventKind, at('a'), body('a', { note: 'other' })))).toBe(
      '422 Event.events.k8s.io "a" is invalid: message: Invalid value: "other": field is immutable',
    );
    const merge = { type: 'application/merge-patch+json', body: { message: 'other' } } as const;
    await registry.patch(eventKind, at('a'), merge);
    expect(viewed(registry, 'a').note).toBe('other');
  });

  it('is selected by the fields of the view only', async () => {
    const registry = await makeRegistry();
    await registry.create(eventsEventKind, body('a'));
    await registry.create(eventsEventKind, body('b', { regarding: { ...pod, name: 'db' } }));
    const names = (fieldSelector: string) =>
      registry.list(eventsEventKind, { fieldSelector }).entries.map((entry) => entry.object.metadata?.name);
    expect(names('regarding.name=db,metadata.namespace=shop')).toEqual(['b']);
    expect(names('regarding.name!=db,reportingController=kubelet')).toEqual(['a']);
    expect(await statusOf(() => names('involvedObject.name=db'))).toBe(
      '400 field label not supported: involvedObject.name',
    );
  });

  it('is watched under its names, and deleted', async () => {
    const registry = await makeRegistry();
    const watch = registry.watch(eventsEventKind, { fieldSelector: 'regarding.kind=Pod' }, registry.revision);
    await registry.create(eventsEventKind, body('a'));
    await registry.delete(eventsEventKind, at('a'));
    const seen: unknown[] = [];
    for await (const event of watch) {
      seen.push([event.type, (event.entry.object as EventsEvent).note]);
      if (seen.length === 2) watch.close();
    }
    expect(seen).toEqual([
      ['ADDED', 'pulled'],
      ['DELETED', 'pulled'],
    ]);
  });
});

describe('errors about a view', () => {
  it('name its group', async () => {
    const registry = await makeRegistry();
    expect(await statusOf(() => registry.get(eventsEventKind, at('x')))).toBe('404 events.events.k8s.io "x" not found');
    expect(await statusOf(registry.create(eventsEventKind, body('a', { eventTime: undefined })))).toBe(
      '422 Event.events.k8s.io "a" is invalid: eventTime: Required value',
    );
    expect(
      await statusOf(registry.create(eventsEventKind, body('a', { message: 'm' }), { fieldValidation: 'Strict' })),
    ).toBe('400 Event in version "v1" cannot be handled as a Event: strict decoding error: unknown field "message"');
  });
});
