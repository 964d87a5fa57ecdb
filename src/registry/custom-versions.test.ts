import { describe, expect, it } from 'vitest';
import type { WebhookTransport } from '../admission/webhooks/transport.ts';
import { definitionsOfCustomResource } from '../kinds/custom/definition-of-custom-resource.ts';
import type { CustomResourceDefinition } from '../kinds/custom/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { refusalOf } from './fake-dynamic-admission.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';

const text = { type: 'string' };
const schemaOf = (properties: object) => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
});

/** Points in two versions: `x` and `y`, or `at`. */
function definition(stored: 'v1' | 'v2', more: object = {}, v1: object = { x: text, y: text }) {
  const crd = {
    metadata: { name: 'points.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'points', singular: 'point', kind: 'Point', listKind: 'PointList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: stored === 'v1',
          schema: schemaOf(v1),
          selectableFields: [{ jsonPath: '.spec.x' }],
        },
        { name: 'v2', served: true, storage: stored === 'v2', schema: schemaOf({ at: text }) },
      ],
      ...more,
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  };
  return definitionsOfCustomResource(crd as unknown as CustomResourceDefinition);
}

const WEBHOOK = {
  conversion: {
    strategy: 'Webhook',
    webhook: { clientConfig: { url: 'https://convert.example.com/' }, conversionReviewVersions: ['v1'] },
  },
};

type Point = KubernetesObject & { readonly spec: { readonly x?: string; readonly y?: string; readonly at?: string } };

function converted({ spec, ...rest }: Point, apiVersion: string): Point {
  if (rest.apiVersion === apiVersion) return { ...rest, spec };
  if (apiVersion.endsWith('v2')) return { ...rest, apiVersion, spec: { at: `${spec.x}:${spec.y}` } };
  const [x, y] = spec.at?.split(':') ?? [];
  return { ...rest, apiVersion, spec: { x, y } };
}

/** A registry whose conversion webhook counts what it is asked. */
function withWebhook(store = createMemoryStore(), stored: 'v1' | 'v2' = 'v1') {
  const counts: number[] = [];
  const transport: WebhookTransport = async ({ body }) => {
    const { request } = JSON.parse(body) as {
      request: { uid: string; desiredAPIVersion: string; objects: Point[] };
    };
    counts.push(request.objects.length);
    const convertedObjects = request.objects.map((object) => converted(object, request.desiredAPIVersion));
    const response = { uid: request.uid, result: { status: 'Success' }, convertedObjects };
    const review = { kind: 'ConversionReview', apiVersion: 'apiextensions.k8s.io/v1', response };
    return { status: 200, body: JSON.stringify(review) };
  };
  const webhooks = { transport, uuid: () => 'u', random: () => 0 };
  const registry = createFakeRegistry(definition(stored, WEBHOOK), { store, webhooks, admission: [] });
  return { registry, counts };
}

function versions(registry: FakeRegistry) {
  const of = (version: string) => {
    const kind = registry.definition('example.com', 'points', version);
    if (kind === undefined) throw new Error(version);
    return kind;
  };
  return { v1: of('v1'), v2: of('v2') };
}

const key = { namespace: 'shop', name: 'p' };
const point = (spec: object) => ({ metadata: { name: 'p' }, spec });
const inShop = { namespace: 'shop' };

describe('versions of a custom kind', () => {
  it('without conversion differ by their names, and each prunes by its own schema', async () => {
    const registry = createFakeRegistry(definition('v1'), { admission: [] });
    const { v1, v2 } = versions(registry);
    await registry.create(v1, point({ x: '1', y: '2' }), inShop);
    expect(registry.get(v2, key).object).toMatchObject({ apiVersion: 'example.com/v2', spec: {} });
    const written = await registry.patch(v2, key, {
      type: 'application/merge-patch+json',
      body: { spec: { at: '3:4' } },
    });
    expect(written.entry.object).toMatchObject({ apiVersion: 'example.com/v2', spec: { at: '3:4' } });
    expect(registry.get(v1, key).object).toMatchObject({ apiVersion: 'example.com/v1', spec: {} });
  });

  it('validate what they are sent by their own schemas', async () => {
    const registry = createFakeRegistry(definition('v1'), { admission: [] });
    const refused = registry.create(versions(registry).v2, point({ at: 7 }), inShop);
    expect((await refusalOf(refused)).message).toContain('spec.at: Invalid value');
  });

  it('are converted by a webhook on the way in and out, once', async () => {
    const { registry, counts } = withWebhook();
    const { v1, v2 } = versions(registry);
    await registry.create(v2, point({ at: '1:2' }), inShop);
    expect(registry.get(v1, key).object).toMatchObject({ apiVersion: 'example.com/v1', spec: { x: '1', y: '2' } });
    await registry.prepare(v2, { key });
    expect(registry.get(v2, key).object).toMatchObject({ apiVersion: 'example.com/v2', spec: { at: '1:2' } });
    await registry.prepare(v2, { key });
    await registry.patch(v2, key, { type: 'application/merge-patch+json', body: { spec: { at: '1:3' } } });
    expect(registry.get(v1, key).object).toMatchObject({ spec: { x: '1', y: '3' } });
    expect(counts).toEqual([1, 1]);
  });

  it('are converted together in lists, and selected by the fields of the version that is asked for', async () => {
    const { registry, counts } = withWebhook(undefined, 'v2');
    const { v1, v2 } = versions(registry);
    for (const at of ['1:2', '1:3', '2:2']) {
      await registry.create(v2, { metadata: { name: at.replace(':', '-') }, spec: { at } }, inShop);
    }
    const selection = { namespace: 'shop', fieldSelector: 'spec.x=1' };
    await registry.prepare(v1, selection);
    expect(registry.list(v1, selection).entries.map(({ object }) => object.metadata?.name)).toEqual(['1-2', '1-3']);
    expect(counts).toEqual([3]);
  });

  it('are converted in watches', async () => {
    const { registry } = withWebhook(undefined, 'v2');
    const { v1, v2 } = versions(registry);
    const watch = registry.watch(v1, { namespace: 'shop', fieldSelector: 'spec.x=1' }, registry.revision);
    await registry.create(v2, { metadata: { name: 'other' }, spec: { at: '2:2' } }, inShop);
    await registry.create(v2, point({ at: '1:2' }), inShop);
    const { value } = await watch[Symbol.asyncIterator]().next();
    watch.close();
    expect(value.entry.object).toMatchObject({ apiVersion: 'example.com/v1', spec: { x: '1', y: '2' } });
  });

  it('show what was stored before a schema had defaults with them', async () => {
    const store = createMemoryStore();
    const before = createFakeRegistry(definition('v1'), { admission: [], store });
    await before.create(versions(before).v1, point({ x: '1' }), inShop);
    const kinds = definition('v1', {}, { x: text, y: { type: 'string', default: '9' } });
    const after = createFakeRegistry(kinds, { admission: [], store });
    expect(after.get(versions(after).v1, key).object).toMatchObject({ spec: { x: '1', y: '9' } });
  });

  it('say what the webhook did wrong', async () => {
    const transport: WebhookTransport = async () => ({ status: 200, body: '{"response":{"uid":"u"}}' });
    const webhooks = { transport, uuid: () => 'u', random: () => 0 };
    const registry = createFakeRegistry(definition('v1', WEBHOOK), { webhooks, admission: [] });
    const refused = registry.create(versions(registry).v2, point({ at: '1:2' }), inShop);
    expect(await refusalOf(refused)).toMatchObject({
      code: 500,
      message:
        'conversion webhook for example.com/v2, Kind=Point failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=',
    });
  });
});
