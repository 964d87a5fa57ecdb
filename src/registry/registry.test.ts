import { beforeEach, describe, expect, it } from 'vitest';
import { defineKind } from '../kinds/define-kind.ts';
import { namespaceKind } from '../kinds/namespace.ts';
import { invalidValue } from '../machinery/field-path.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';
import type { StoreEvent, StoreWatch } from '../store/store.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';

interface Shown extends KubernetesObject {
  readonly data?: { readonly [key: string]: string };
  readonly spec?: { readonly [field: string]: unknown };
  readonly status?: { readonly [field: string]: unknown };
}

const configMaps = defineKind<Shown>({
  kind: 'ConfigMap',
  validate: (o) => (o.data?.['bad'] ? [invalidValue('data[bad]', 'x', 'must not be')] : []),
  validateUpdate: (o, old) =>
    old.data?.['fixed'] === o.data?.['fixed'] ? [] : [invalidValue('data[fixed]', 'x', 'field is immutable')],
  warnings: (o) => (o.data?.['old'] ? ['data[old]: deprecated'] : []),
});
const deployments = defineKind<Shown>({
  group: 'apps',
  kind: 'Deployment',
  hasStatus: true,
  tracksGeneration: true,
  defaults: (o) => ({ ...o, spec: { replicas: 1, ...o.spec } }),
  selectableFields: { 'spec.replicas': (o) => String(o.spec?.['replicas'] ?? '') },
});
const graceful = defineKind<Shown>({
  kind: 'Pod',
  hasStatus: true,
  deletionGraceSeconds: () => 30,
  tracksGeneration: true,
});
const serviceAccounts = defineKind({ kind: 'ServiceAccount' });
const catalogue = [configMaps, deployments, graceful, namespaceKind, serviceAccounts];

let registry: FakeRegistry;
const at = (name: string) => ({ namespace: 'shop', name });
const map = (name: string, data: Record<string, string> = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});
const deployment = (name: string, spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { selector: {}, template: {}, ...spec },
});
const make = (object: object, more: object = {}) => registry.create(configMaps, object, { namespace: 'shop', ...more });

async function statusOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code} ${error.status.message}`;
    throw error;
  }
  return 'no error';
}

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  await registry.create(namespaceKind, { metadata: { name: 'shop' } });
});

describe('create', () => {
  it('fills in what the system says and keeps what the client says', async () => {
    const sent = map(
      'a',
      { k: 'v' },
      { uid: 'mine', generation: 7, creationTimestamp: '1999-01-01T00:00:00Z', selfLink: '/x' },
    );
    const { entry, created } = await make(sent);
    expect(entry.object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: 'shop',
        uid: 'uid-2',
        creationTimestamp: '2026-01-01T00:00:00Z',
        resourceVersion: '2',
      },
      data: { k: 'v' },
    });
    expect([entry.key, created]).toEqual(['//configmaps/shop/a', true]);
  });

  it('draws names and tries again when one is taken', async () => {
    const taken = createFakeRegistry(catalogue, { random: () => 0 });
    await taken.create(namespaceKind, { metadata: { name: 'shop' } });
    const one = await taken.create(configMaps, { metadata: { generateName: 'x-' } }, { namespace: 'shop' });
    expect(one.entry.object.metadata).toMatchObject({ name: 'x-bbbbb', generateName: 'x-' });
    const again = taken.create(configMaps, { metadata: { generateName: 'x-' } }, { namespace: 'shop' });
    expect(await statusOf(again)).toMatch(/^409 /);
    const names = await Promise.all([1, 2, 3].map(() => make({ metadata: { generateName: 'x-' } })));
    expect(new Set(names.map(({ entry }) => entry.key)).size).toBe(3);
  });

  it.each([
    ['a second one', map('taken'), '409 configmaps "taken" already exists'],
    [
      'no name',
      { metadata: {} },
      '422 ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    ['a bad value', map('a', { bad: '1' }), '422 ConfigMap "a" is invalid: data[bad]: Invalid value: "x": must not be'],
    [
      'another namespace',
      map('a', {}, { namespace: 'b' }),
      '400 the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'another version',
      { ...map('a'), apiVersion: 'v2' },
      '400 the API version in the data (v2) does not match the expected API version (v1)',
    ],
    [
      'a wrong type',
      { ...map('a'), data: 5 },
      '400 ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
    ],
    [
      'a resourceVersion',
      map('a', {}, { resourceVersion: '5' }),
      '400 resourceVersion should not be set on objects to be created',
    ],
    [
      'a strange finalizer',
      map('a', {}, { finalizers: ['x'] }),
      '422 ConfigMap "a" is invalid: metadata.finalizers: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ])('refuses %s', async (_, object, message) => {
    await make(map('taken'));
    expect(await statusOf(make(object))).toBe(message);
  });

  it('warns of, refuses or passes over unknown fields, as asked', async () => {
    const object = { ...map('a', { old: '1' }), colour: 'red' };
    expect((await make(object)).warnings).toEqual(['unknown field "colour"', 'data[old]: deprecated']);
    expect((await make({ ...object, metadata: { name: 'b' } }, { fieldValidation: 'Ignore' })).warnings).toEqual([
      'data[old]: deprecated',
    ]);
    expect(await statusOf(make(object, { fieldValidation: 'Strict' }))).toBe(
      '400 ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "colour"',
    );
    expect(registry.get(configMaps, at('a')).json).not.toContain('red');
  });

  it('stores nothing in a dry run, but checks everything', async () => {
    const { entry } = await make(map('a'), { dryRun: true });
    expect(entry.object.metadata).toMatchObject({ name: 'a', uid: 'uid-2' });
    expect(registry.find(configMaps, at('a'))).toBeUndefined();
    await make(map('a'));
    expect(await statusOf(make(map('a'), { dryRun: true }))).toBe('409 configmaps "a" already exists');
  });

  it('needs a namespace that exists and stays', async () => {
    expect(await statusOf(make(map('a'), { namespace: 'nowhere' }))).toBe('404 namespaces "nowhere" not found');
    await registry.delete(namespaceKind, { namespace: '', name: 'shop' });
    expect(await statusOf(make(map('a')))).toBe(
      '403 configmaps "a" is forbidden: unable to create new content in namespace shop because it is being terminated',
    );
  });
});

describe('update', () => {
  it('detects conflicts, and replaces whatever is there without a resourceVersion', async () => {
    const { entry } = await make(map('a', { k: '1' }));
    const second = { ...map('a', { k: '2' }), metadata: entry.object.metadata };
    const updated = await registry.update(configMaps, at('a'), second);
    expect(updated.entry.object).toMatchObject({ data: { k: '2' }, metadata: { uid: 'uid-2', resourceVersion: '3' } });
    expect(await statusOf(registry.update(configMaps, at('a'), second))).toBe(
      '409 Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
    const all = await Promise.all(['4', '5', '6'].map((k) => registry.update(configMaps, at('a'), map('a', { k }))));
    expect(new Set(all.map(({ entry: { revision } }) => revision)).size).toBe(3);
  });

  it('writes nothing when nothing changes', async () => {
    const { entry } = await make(map('a', { k: '1' }));
    expect((await registry.update(configMaps, at('a'), map('a', { k: '1' }))).entry).toBe(entry);
    expect(registry.revision).toBe(2);
  });

  it.each([
    ['no object', 'b', map('b'), '404 configmaps "b" not found'],
    ['another name', 'a', map('b'), '400 the name of the object (b) does not match the name on the URL (a)'],
    [
      'another uid',
      'a',
      map('a', {}, { uid: 'else' }),
      '409 Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: else, UID in object meta: uid-2',
    ],
    [
      'an immutable field',
      'a',
      map('a', { fixed: '1' }),
      '422 ConfigMap "a" is invalid: data[fixed]: Invalid value: "x": field is immutable',
    ],
    [
      'a forged birth',
      'a',
      map('a', {}, { creationTimestamp: '1999-01-01T00:00:00Z' }),
      '422 ConfigMap "a" is invalid: metadata.creationTimestamp: Invalid value: "1999-01-01T00:00:00Z": field is immutable',
    ],
  ])('refuses %s', async (_, name, object, message) => {
    await make(map('a'));
    expect(await statusOf(registry.update(configMaps, at(name), object))).toBe(message);
  });

  it('counts generations of the spec, not of metadata and status', async () => {
    await registry.create(deployments, deployment('d'), { namespace: 'shop' });
    const generation = () => registry.get(deployments, at('d')).object.metadata?.generation;
    expect(generation()).toBe(1);
    await registry.update(deployments, at('d'), {
      ...deployment('d'),
      metadata: { name: 'd', labels: { a: 'b' } },
      status: { replicas: 9 },
    });
    expect([generation(), (registry.get(deployments, at('d')).object as Shown).status]).toEqual([1, {}]);
    await registry.update(deployments, at('d'), deployment('d', { replicas: 2 }));
    expect(generation()).toBe(2);
  });

  it('changes status and annotations alone through the status subresource', async () => {
    await registry.create(deployments, deployment('d', { replicas: 1 }), { namespace: 'shop' });
    const sent = {
      ...deployment('d', { replicas: 5 }),
      status: { replicas: 1 },
      metadata: { name: 'd', labels: { a: 'b' }, annotations: { c: 'd' } },
    };
    const { entry } = await registry.update(deployments, at('d'), sent, { subresource: 'status' });
    expect(entry.object).toMatchObject({
      spec: { replicas: 1 },
      status: { replicas: 1 },
      metadata: { generation: 1, annotations: { c: 'd' } },
    });
    expect(entry.object.metadata?.labels).toBeUndefined();
  });

  it('modifies again after a lost race, and leaves alone what is left alone', async () => {
    await make(map('a', { n: '0' }));
    const increment = (object: Shown): Shown => ({ ...object, data: { n: String(Number(object.data?.['n']) + 1) } });
    await Promise.all(Array.from({ length: 10 }, () => registry.modify<Shown>(configMaps, at('a'), increment)));
    expect((registry.get(configMaps, at('a')).object as Shown).data).toEqual({ n: '10' });
    const before = registry.revision;
    await registry.modify(configMaps, at('a'), () => undefined);
    expect([registry.revision, await registry.modify(configMaps, at('none'), (o) => o)]).toEqual([before, undefined]);
  });
});

describe('patch', () => {
  const json = 'application/json-patch+json';
  const merge = 'application/merge-patch+json';
  const strategic = 'application/strategic-merge-patch+json';
  const apply = 'application/apply-patch+yaml';

  it('takes all four types', async () => {
    await make(map('a', { k: '1' }));
    const data = async (patch: Parameters<FakeRegistry['patch']>[2], options: object = {}) =>
      ((await registry.patch(configMaps, at('a'), patch, options)).entry.object as Shown).data;
    expect(await data({ type: merge, body: { data: { m: '2' } } })).toEqual({ k: '1', m: '2' });
    expect(await data({ type: json, body: [{ op: 'remove', path: '/data/k' }] })).toEqual({ m: '2' });
    expect(await data({ type: strategic, body: { data: { m: null, s: '3' } } })).toEqual({ s: '3' });
    expect(await data({ type: apply, body: map('a', { p: '4' }) }, { fieldManager: 'me' })).toEqual({ s: '3', p: '4' });
  });

  it('refuses a patch that was made from another version, and retries one that was not', async () => {
    await make(map('a'));
    const stale = registry.patch(configMaps, at('a'), {
      type: merge,
      body: { metadata: { resourceVersion: '1' }, data: { a: 'b' } },
    });
    expect(await statusOf(stale)).toMatch(/^409 .*has been modified/);
    const patches = [1, 2, 3].map((n) =>
      registry.patch(configMaps, at('a'), { type: merge, body: { data: { [`k${n}`]: '1' } } }),
    );
    await Promise.all(patches);
    expect(Object.keys((registry.get(configMaps, at('a')).object as Shown).data ?? {})).toEqual(['k1', 'k2', 'k3']);
  });

  it('creates by apply, needs a manager, and names those who conflict', async () => {
    const body = map('new', { k: '1' });
    expect(await statusOf(registry.patch(configMaps, at('new'), { type: apply, body }))).toMatch(
      /^422 PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch$/,
    );
    const first = await registry.patch(configMaps, at('new'), { type: apply, body }, { fieldManager: 'one' });
    expect(first.created).toBe(true);
    expect(first.entry.object.metadata?.managedFields).toMatchObject([{ manager: 'one', operation: 'Apply' }]);
    registry.time += 60_000;
    const same = await registry.patch(configMaps, at('new'), { type: apply, body }, { fieldManager: 'one' });
    expect(same.entry).toBe(first.entry);
    const other = { type: apply, body: map('new', { k: '2' }) } as const;
    const conflicting = registry.patch(configMaps, at('new'), other, { fieldManager: 'two' });
    expect(await statusOf(conflicting)).toBe('409 Apply failed with 1 conflict: conflict with "one": .data.k');
  });

  it('keeps the books for users, not for controllers', async () => {
    const user = { name: 'admin', groups: [] };
    await make(map('theirs', { k: '1' }), { user, fieldManager: 'kubectl' });
    await make(map('ours', { k: '1' }));
    expect(registry.get(configMaps, at('theirs')).object.metadata?.managedFields).toMatchObject([
      { manager: 'kubectl', operation: 'Update' },
    ]);
    expect(registry.get(configMaps, at('ours')).object.metadata?.managedFields).toBeUndefined();
  });
});

describe('delete', () => {
  it('removes at once without grace and finalizers, and says what', async () => {
    await make(map('a'));
    const outcome = await registry.delete(configMaps, at('a'));
    expect(outcome.deleted).toBe(true);
    expect(outcome.status).toMatchObject({
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: 'uid-2' },
    });
    expect(await statusOf(registry.delete(configMaps, at('a')))).toBe('404 configmaps "a" not found');
  });

  it('holds to preconditions', async () => {
    await make(map('a'));
    const del = (preconditions: object) => statusOf(registry.delete(configMaps, at('a'), { preconditions }));
    expect(await del({ uid: 'else' })).toMatch(/^409 .*UID in precondition: else, UID in object meta: uid-2$/);
    expect(await del({ resourceVersion: '1' })).toMatch(/^409 .*ResourceVersion in precondition: 1, .*: 2$/);
    expect(await del({ uid: 'uid-2', resourceVersion: '2' })).toBe('no error');
  });

  it('waits for finalizers and goes with the last one', async () => {
    await make(map('a', {}, { finalizers: ['x.io/one', 'x.io/two'] }));
    const marked = await registry.delete(configMaps, at('a'));
    expect([marked.deleted, marked.entry.object.metadata?.deletionTimestamp]).toEqual([false, '2026-01-01T00:00:00Z']);
    const drop = (finalizers: readonly string[]) => registry.update(configMaps, at('a'), map('a', {}, { finalizers }));
    expect(await statusOf(drop(['x.io/one', 'x.io/two', 'x.io/new']))).toMatch(/^422 .*no new finalizers can be added/);
    await drop(['x.io/two']);
    expect(registry.find(configMaps, at('a'))).toBeDefined();
    await drop([]);
    expect(registry.find(configMaps, at('a'))).toBeUndefined();
  });

  it('adds the garbage collector’s finalizers', async () => {
    await make(map('a'));
    const finalizers = async (propagationPolicy: 'Foreground' | 'Orphan') =>
      (await registry.delete(configMaps, at('a'), { propagationPolicy })).entry.object.metadata?.finalizers;
    expect(await finalizers('Foreground')).toEqual(['foregroundDeletion']);
    expect(await finalizers('Orphan')).toEqual(['orphan']);
    expect((await registry.delete(configMaps, at('a'), { propagationPolicy: 'Background' })).deleted).toBe(true);
  });

  it('gives grace, which can only become shorter, and ends with none', async () => {
    await registry.create(graceful, { metadata: { name: 'p' }, spec: { containers: [] } }, { namespace: 'shop' });
    const remove = (gracePeriodSeconds?: number) => registry.delete(graceful, at('p'), { gracePeriodSeconds });
    const meta = () => registry.get(graceful, at('p')).object.metadata;
    await remove();
    expect(meta()).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    await remove(60);
    expect(meta()?.deletionGracePeriodSeconds).toBe(30);
    await remove(5);
    expect(meta()).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:05Z', deletionGracePeriodSeconds: 5 });
    const last = await remove(0);
    expect([last.deleted, registry.find(graceful, at('p'))]).toEqual([true, undefined]);
    expect(last.entry.object.metadata?.deletionGracePeriodSeconds).toBe(0);
  });

  it('takes a namespace through its own finalizer', async () => {
    const key = { namespace: '', name: 'shop' };
    const marked = await registry.delete(namespaceKind, key);
    expect(marked.entry.object).toMatchObject({
      status: { phase: 'Terminating' },
      spec: { finalizers: ['kubernetes'] },
    });
    const emptied = { ...marked.entry.object, spec: { finalizers: [] } };
    await registry.update(namespaceKind, key, emptied, { subresource: 'finalize' });
    expect(registry.find(namespaceKind, key)).toBeUndefined();
    await registry.create(namespaceKind, { metadata: { name: 'default' } });
    expect(await statusOf(registry.delete(namespaceKind, { namespace: '', name: 'default' }))).toBe(
      '403 namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });

  it('deletes what a selection selects', async () => {
    await make(map('a', {}, { labels: { app: 'x' } }));
    await make(map('b'));
    const page = await registry.deleteCollection(configMaps, { namespace: 'shop', labelSelector: 'app=x' });
    expect(page.entries.map(({ key }) => key)).toEqual(['//configmaps/shop/a']);
    expect(registry.list(configMaps, {}).entries.map(({ key }) => key)).toEqual(['//configmaps/shop/b']);
  });
});

describe('list', () => {
  const names = (options: object) => registry.list(configMaps, options).entries.map((e) => e.object.metadata?.name);

  beforeEach(async () => {
    await registry.create(namespaceKind, { metadata: { name: 'other' } });
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await make(map(name, {}, { labels: { vowel: String('ae'.includes(name)) } }));
    await make(map('z'), { namespace: 'other' });
  });

  it('selects by namespace, labels and fields', async () => {
    expect(names({})).toEqual(['z', 'a', 'b', 'c', 'd', 'e']);
    expect(names({ namespace: 'shop', labelSelector: 'vowel=true' })).toEqual(['a', 'e']);
    expect(names({ fieldSelector: 'metadata.name=b' })).toEqual(['b']);
    expect(names({ namespace: 'shop', fieldSelector: 'metadata.name=z' })).toEqual([]);
    expect(names({ fieldSelector: 'metadata.name!=z,metadata.namespace=shop' })).toHaveLength(5);
    expect(await statusOf(() => names({ fieldSelector: 'data.x=1' }))).toBe(
      '400 "data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    expect(await statusOf(() => names({ labelSelector: 'a b' }))).toMatch(/^400 /);
  });

  it('pages consistently while objects come and go', async () => {
    const first = registry.list(configMaps, { namespace: 'shop', limit: 2 });
    expect(first).toMatchObject({ resourceVersion: '8', remainingItemCount: 3 });
    await registry.delete(configMaps, at('c'));
    await make(map('cc'));
    const second = registry.list(configMaps, { namespace: 'shop', limit: 2, continue: first.continue });
    expect(second.entries.map((e) => e.object.metadata?.name)).toEqual(['c', 'd']);
    const third = registry.list(configMaps, { namespace: 'shop', limit: 2, continue: second.continue });
    expect([third.entries.map((e) => e.object.metadata?.name), third.continue, third.resourceVersion]).toEqual([
      ['e'],
      undefined,
      '8',
    ]);
  });

  it('gives a token to go on with when the page’s version is gone', async () => {
    const store = (await import('../store/memory-store.ts')).createMemoryStore({ maxEvents: 1 });
    registry = createFakeRegistry(catalogue, { store });
    await registry.create(namespaceKind, { metadata: { name: 'shop' } });
    for (const name of ['a', 'b', 'c']) await make(map(name));
    const { continue: token } = registry.list(configMaps, { limit: 1 });
    for (const k of ['1', '2', '3']) await registry.update(configMaps, at('a'), map('a', { k }));
    const error = (() => {
      try {
        registry.list(configMaps, { limit: 1, continue: token });
      } catch (thrown) {
        return (thrown as StatusError).status;
      }
      return undefined;
    })();
    expect(error).toMatchObject({ code: 410, reason: 'Expired' });
    expect(names({ limit: 1, continue: String(error?.metadata['continue']) })).toEqual(['b']);
  });

  it.each([
    [{ resourceVersion: '999' }, '504 Timeout: Too large resource version: 999, current: 8'],
    [
      { resourceVersion: 'x' },
      '400 resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [{ continue: '!!' }, '400 continue key is not valid: incorrect encoding'],
    [{ resourceVersionMatch: 'Exact' }, '400 resourceVersionMatch is forbidden unless resourceVersion is provided'],
  ])('refuses %j', async (options, message) => {
    expect(await statusOf(() => registry.list(configMaps, options))).toBe(message);
  });

  it('shows an exact version, and the newest for a minimum', () => {
    expect(names({ resourceVersion: '4', resourceVersionMatch: 'Exact' })).toEqual(['a', 'b']);
    expect(names({ resourceVersion: '4', resourceVersionMatch: 'NotOlderThan' })).toHaveLength(6);
    expect(names({ resourceVersion: '0' })).toHaveLength(6);
  });
});

describe('watch', () => {
  async function take(watch: StoreWatch, count: number): Promise<string[]> {
    const seen: string[] = [];
    for await (const { type, entry } of watch as AsyncIterable<StoreEvent>) {
      seen.push(`${type} ${entry.object.metadata?.name} ${entry.object.metadata?.resourceVersion}`);
      if (seen.length === count) break;
    }
    return seen;
  }

  it('turns selector transitions into ADDED and DELETED', async () => {
    const watch = registry.watch(configMaps, { namespace: 'shop', labelSelector: 'on=yes' }, registry.revision);
    await make(map('a'));
    const label = (on: string, k: string) => registry.update(configMaps, at('a'), map('a', { k }, { labels: { on } }));
    await label('yes', '1');
    await label('yes', '2');
    await label('no', '3');
    await label('no', '4');
    await label('yes', '5');
    await registry.delete(configMaps, at('a'));
    expect(await take(watch, 5)).toEqual(['ADDED a 3', 'MODIFIED a 4', 'DELETED a 5', 'ADDED a 7', 'DELETED a 8']);
  });

  it('answers 410 for a version that is gone', async () => {
    const store = (await import('../store/memory-store.ts')).createMemoryStore({ maxEvents: 1 });
    registry = createFakeRegistry(catalogue, { store });
    await registry.create(namespaceKind, { metadata: { name: 'shop' } });
    await make(map('a'));
    await make(map('b'));
    expect(await statusOf(() => registry.watch(configMaps, {}, 1))).toBe('410 too old resource version: 1 (2)');
  });
});
