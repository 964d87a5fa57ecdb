import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import { customResourceDefinitionKind } from '../kinds/custom/custom-resource-definition.ts';
import { followCustomResources } from '../kinds/custom/follow-custom-resources.ts';
import type { CustomResourceDefinition, CustomVersion } from '../kinds/custom/types.ts';
import { createCatalogue } from '../kinds/live-catalogue.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import { customResourceDefinitionCleanup } from './custom-resource-definition-cleanup.ts';
import { customResourceDefinitionNames } from './custom-resource-definition-names.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { garbageCollection } from './garbage-collection.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { createResources, kindOf } from './resources.ts';
import { type Runtime, startRuntime } from './runtime.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Custom extends KubernetesObject {
  // biome-ignore lint/suspicious/noExplicitAny: any fields that a test sets.
  readonly spec?: any;
  // biome-ignore lint/suspicious/noExplicitAny: any fields that a test sets.
  readonly status?: any;
}

let registry: FakeRegistry;
let clock: FakeClock;
let runtime: Runtime;
let abort: AbortController;

function openRegistry(store?: FakeRegistry['store']): FakeRegistry {
  const live = createCatalogue(catalogue);
  const made = createFakeRegistry([], {
    catalogue: live,
    clock: () => clock.now(),
    log: () => {},
    ...(store ? { store } : {}),
  });
  followCustomResources(
    {
      list: () =>
        made.list(customResourceDefinitionKind, {}).entries.map(({ object }) => object as CustomResourceDefinition),
      subscribe: (changed) => {
        made.subscribe(customResourceDefinitionKind, (events) => {
          for (const { entry, type } of events) changed(entry.object as CustomResourceDefinition, type === 'DELETED');
        });
      },
    },
    live,
  );
  return made;
}

beforeEach(async () => {
  clock = createFakeClock();
  abort = new AbortController();
  registry = openRegistry();
  const controllers = [
    customResourceDefinitionNames({ registry, clock }),
    customResourceDefinitionCleanup({ registry, clock }),
    garbageCollection({ registry }),
    namespaceLifecycle({ registry, resources: createResources(registry), clock }),
  ];
  runtime = startRuntime(controllers, { registry, clock, log: silent, signal: abort.signal });
  const type = { apiVersion: 'v1', kind: 'Namespace' };
  await registry.create(kindOf(registry, '/namespaces'), { ...type, metadata: { name: 'shop' } });
});

afterEach(() => abort.abort());

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['image'],
      properties: {
        image: { type: 'string', minLength: 1 },
        replicas: { type: 'integer', minimum: 0, maximum: 10, default: 1 },
        port: { 'x-kubernetes-int-or-string': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        hosts: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        env: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, value: { type: 'string' } },
          },
        },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
  },
} as const;

function definition(more: Partial<CustomVersion> = {}, names: object = {}): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'apps.stable.example.com' },
    spec: {
      group: 'stable.example.com',
      scope: 'Namespaced',
      names: { plural: 'apps', kind: 'App', shortNames: ['ap'], categories: ['all'], ...names },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: SCHEMA },
          subresources: { status: {} },
          ...more,
        },
      ],
    },
  };
}

async function define(crd: CustomResourceDefinition): Promise<CustomResourceDefinition> {
  await registry.create(customResourceDefinitionKind, crd);
  await runtime.idle();
  return stored(crd.metadata?.name);
}

function stored(name = 'apps.stable.example.com'): CustomResourceDefinition {
  return registry.get(customResourceDefinitionKind, { namespace: '', name }).object as CustomResourceDefinition;
}

const at = (name: string) => ({ namespace: 'shop', name });
const apps = (version = 'v1') => {
  const kind = registry.definition('stable.example.com', 'apps', version);
  if (kind === undefined) throw new Error('apps are not served');
  return kind;
};
const app = (name: string, spec: object, more: object = {}) => ({
  apiVersion: 'stable.example.com/v1',
  kind: 'App',
  metadata: { name, namespace: 'shop' },
  spec,
  ...more,
});
const get = (name: string) => registry.get(apps(), at(name)).object as Custom;

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code} ${error.status.message}`;
    throw error;
  }
  return 'no error';
}

describe('a definition', () => {
  it('gets its defaults and names, and is served once it is established', async () => {
    const { spec, status } = await define(definition());
    expect(spec).toMatchObject({
      names: { singular: 'app', listKind: 'AppList' },
      conversion: { strategy: 'None' },
    });
    expect(status).toMatchObject({ acceptedNames: spec?.names, storedVersions: ['v1'] });
    expect(status?.conditions?.map(({ type, status: is, reason }) => [type, is, reason])).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ]);
    expect(apps()).toMatchObject({ kind: 'App', shortNames: ['ap'], categories: ['all'], namespaced: true });
  });

  it('that wants names of another one waits until they are given back', async () => {
    await define(definition());
    const other = definition({}, { plural: 'others', kind: 'Other', shortNames: ['ap'] });
    const second = await define({ ...other, metadata: { name: 'others.stable.example.com' } });
    expect(second.status?.conditions?.map(({ type, status: is, message }) => [type, is, message])).toEqual([
      ['NamesAccepted', 'False', '"ap" is already in use'],
      ['Established', 'False', 'not all names are accepted'],
    ]);
    expect(registry.definition('stable.example.com', 'others')).toBeUndefined();
    await registry.delete(customResourceDefinitionKind, { namespace: '', name: 'apps.stable.example.com' });
    await runtime.idle();
    expect(registry.definition('stable.example.com', 'others')?.shortNames).toEqual(['ap']);
  });

  it('is still served after a restart', async () => {
    await define(definition());
    await registry.create(apps(), app('web', { image: 'a' }));
    registry = openRegistry(registry.store);
    expect(get('web').spec).toEqual({ image: 'a', replicas: 1 });
  });

  it('is deleted after the last of its objects, whose finalizers it respects', async () => {
    await define(definition());
    await registry.create(apps(), app('web', { image: 'a' }));
    await registry.create(
      apps(),
      app('held', { image: 'a' }, { metadata: { name: 'held', namespace: 'shop', finalizers: ['a.b/c'] } }),
    );
    const kind = apps();
    await registry.delete(customResourceDefinitionKind, { namespace: '', name: 'apps.stable.example.com' });
    await runtime.idle();
    expect(registry.list(kind, {}).entries.map(({ object }) => object.metadata?.name)).toEqual(['held']);
    expect(stored().status?.conditions?.find(({ type }) => type === 'Terminating')).toMatchObject({
      status: 'True',
      reason: 'InstanceDeletionInProgress',
    });
    expect(apps().verbs).not.toContain('create');
    await registry.modify<Custom>(kind, at('held'), (o) => ({ ...o, metadata: { ...o.metadata, finalizers: [] } }));
    await runtime.idle();
    expect(
      registry.find(customResourceDefinitionKind, { namespace: '', name: 'apps.stable.example.com' }),
    ).toBeUndefined();
    expect(registry.definition('stable.example.com', 'apps')).toBeUndefined();
  });
});

describe('custom objects', () => {
  it('are pruned, defaulted, and warned about', async () => {
    await define(definition());
    const body = app('web', { image: 'a', colour: 'red', port: 'http' }, { extra: 1, status: { replicas: 3 } });
    const outcome = await registry.create(apps(), body);
    expect(outcome.warnings).toEqual(['unknown field "extra"', 'unknown field "spec.colour"']);
    expect(get('web')).toMatchObject({
      apiVersion: 'stable.example.com/v1',
      kind: 'App',
      metadata: { generation: 1 },
      spec: { image: 'a', replicas: 1, port: 'http' },
    });
    expect(get('web')).not.toHaveProperty('status');
    const strict = registry.create(apps(), body, { fieldValidation: 'Strict' });
    expect(await messageOf(strict)).toBe(
      '400 App in version "v1" cannot be handled as a App: strict decoding error: unknown field "extra", unknown field "spec.colour"',
    );
  });

  it("are refused in upstream's words", async () => {
    await define(definition());
    const bad = { replicas: 11, port: true, labels: { a: 1 }, hosts: ['x', 'x'], env: [{ name: 'a' }, { name: 'a' }] };
    const message = await messageOf(registry.create(apps(), app('web', bad)));
    expect(
      message.split(', ').map((part) => part.replace('422 App.stable.example.com "web" is invalid: [', '')),
    ).toEqual([
      'spec.image: Required value',
      'spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10',
      'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      'spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"',
      'spec.hosts[1]: Duplicate value: "x"',
      'spec.env[1]: Duplicate value: {"name":"a"}',
      '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
    ]);
  });

  it('may keep old faults in what an update leaves alone', async () => {
    await define(definition());
    await registry.create(apps(), app('web', { image: 'a', replicas: 9 }));
    await registry.modify<CustomResourceDefinition>(
      customResourceDefinitionKind,
      { namespace: '', name: 'apps.stable.example.com' },
      (crd) => JSON.parse(JSON.stringify(crd).replace('"maximum":10', '"maximum":5')),
    );
    const change = (spec: object) =>
      registry.modify<Custom>(apps(), at('web'), (o) => ({ ...o, spec: { ...o.spec, ...spec } }));
    await change({ image: 'b' });
    expect(get('web')).toMatchObject({ metadata: { generation: 2 }, spec: { image: 'b', replicas: 9 } });
    expect(await messageOf(change({ replicas: 8 }))).toBe(
      '422 App.stable.example.com "web" is invalid: spec.replicas: Invalid value: 8: spec.replicas in body should be less than or equal to 5',
    );
  });

  it('take merge patches, JSON patches and apply, and no strategic merge', async () => {
    await define(definition());
    await registry.create(apps(), app('web', { image: 'a', env: [{ name: 'a', value: '1' }] }));
    await registry.patch(apps(), at('web'), { type: 'application/merge-patch+json', body: { spec: { image: 'b' } } });
    const env = [{ name: 'b', value: '2' }];
    const body = { apiVersion: 'stable.example.com/v1', kind: 'App', metadata: { name: 'web' }, spec: { env } };
    await registry.patch(apps(), at('web'), { type: 'application/apply-patch+yaml', body }, { fieldManager: 'me' });
    expect(get('web').spec).toEqual({
      image: 'b',
      replicas: 1,
      env: [
        { name: 'a', value: '1' },
        { name: 'b', value: '2' },
      ],
    });
    expect(get('web').metadata?.managedFields?.find(({ manager }) => manager === 'me')?.fieldsV1).toEqual({
      'f:spec': { 'f:env': { 'k:{"name":"b"}': { '.': {}, 'f:name': {}, 'f:value': {} } } },
    });
    const strategic = { type: 'application/strategic-merge-patch+json', body: {} } as const;
    expect(await messageOf(registry.patch(apps(), at('web'), strategic))).toMatch(
      /^415 the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml/,
    );
  });

  it('have their status written through its subresource alone', async () => {
    await define(definition());
    await registry.create(apps(), app('web', { image: 'a' }));
    const status = { replicas: 2 };
    await registry.modify<Custom>(apps(), at('web'), (o) => ({ ...o, status, spec: { ...o.spec, image: '' } }), {
      subresource: 'status',
    });
    expect(get('web')).toMatchObject({ metadata: { generation: 1 }, spec: { image: 'a' }, status });
    await registry.modify<Custom>(apps(), at('web'), (o) => ({ ...o, status: { replicas: 5 } }));
    expect(get('web').status).toEqual(status);
  });

  it('say which version an update replaces', async () => {
    await define(definition());
    await registry.create(apps(), app('web', { image: 'a' }));
    expect(await messageOf(registry.update(apps(), at('web'), app('web', { image: 'b' })))).toBe(
      '422 App.stable.example.com "web" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });

  it('are selected by the fields that their definition names', async () => {
    await define(definition({ selectableFields: [{ jsonPath: '.spec.image' }] }));
    await registry.create(apps(), app('web', { image: 'a' }));
    await registry.create(apps(), app('db', { image: 'b' }));
    const names = (fieldSelector: string) =>
      registry.list(apps(), { fieldSelector }).entries.map(({ object }) => object.metadata?.name);
    expect(names('spec.image=a')).toEqual(['web']);
    expect(() => names('spec.replicas=1')).toThrow('field label not supported: spec.replicas');
  });

  it('show their columns', async () => {
    const additionalPrinterColumns = [
      { name: 'Image', type: 'string', jsonPath: '.spec.image' },
      { name: 'First', type: 'string', jsonPath: '.spec.env[?(@.name=="b")].value', priority: 1 },
      { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ];
    await define(definition({ additionalPrinterColumns }));
    await registry.create(apps(), app('web', { image: 'a', env: [{ name: 'b', value: '2' }] }));
    clock.advance(60_000);
    const cells = apps().columns.map((column) => column.cell(get('web'), clock.now()));
    expect(cells).toEqual(['web', 'a', '2', 1, '60s']);
  });

  it('follow their owners and their namespace', async () => {
    await define(definition());
    const { entry } = await registry.create(apps(), app('owner', { image: 'a' }));
    const owner = { apiVersion: 'stable.example.com/v1', kind: 'App', name: 'owner', uid: entry.object.metadata?.uid };
    const metadata = { name: 'owned', namespace: 'shop', ownerReferences: [owner] };
    await registry.create(apps(), app('owned', { image: 'a' }, { metadata }));
    await registry.create(kindOf(registry, '/configmaps'), { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    await registry.delete(apps(), at('owner'));
    await runtime.idle();
    expect(registry.list(apps(), {}).entries).toEqual([]);
    expect(registry.find(kindOf(registry, '/configmaps'), at('owned'))).toBeUndefined();
    await registry.create(apps(), app('last', { image: 'a' }));
    await registry.delete(kindOf(registry, '/namespaces'), { namespace: '', name: 'shop' });
    await runtime.idle();
    expect(registry.list(apps(), {}).entries).toEqual([]);
    expect(registry.find(kindOf(registry, '/namespaces'), { namespace: '', name: 'shop' })).toBeUndefined();
  });
});

describe('several versions', () => {
  const versions = (storage: string) => {
    const crd = definition();
    const [first] = crd.spec?.versions ?? [];
    const each = (name: string) => ({ ...first, name, storage: name === storage });
    return { ...crd, spec: { ...crd.spec, versions: [each('v1beta1'), each('v1')] } };
  };

  it('show the same object, each under its own apiVersion', async () => {
    await define(versions('v1'));
    await registry.create(apps('v1beta1'), app('web', { image: 'a' }, { apiVersion: 'stable.example.com/v1beta1' }));
    expect(get('web').apiVersion).toBe('stable.example.com/v1');
    expect(registry.get(apps('v1beta1'), at('web')).object.apiVersion).toBe('stable.example.com/v1beta1');
    expect(registry.definition('stable.example.com', 'apps')?.version).toBe('v1');
  });

  it('stay readable when another one becomes the stored one', async () => {
    await define(versions('v1beta1'));
    await registry.create(apps(), app('old', { image: 'a' }));
    const key = { namespace: '', name: 'apps.stable.example.com' };
    await registry.modify<CustomResourceDefinition>(customResourceDefinitionKind, key, (crd) => ({
      ...crd,
      spec: { ...crd.spec, versions: versions('v1').spec.versions },
    }));
    await runtime.idle();
    expect(stored().status?.storedVersions).toEqual(['v1beta1', 'v1']);
    expect(get('old').apiVersion).toBe('stable.example.com/v1');
    expect(registry.list(apps('v1beta1'), {}).entries.map(({ object }) => object.apiVersion)).toEqual([
      'stable.example.com/v1beta1',
    ]);
  });
});
