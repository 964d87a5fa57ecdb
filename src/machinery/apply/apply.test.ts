import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../object.ts';
import type { Schema, SchemaSource } from '../schema/schema.ts';
import { type ApplyRequest, applyPatch } from './apply-patch.ts';
import { difference, fieldSetOf, intersection, union } from './field-set.ts';
import { decodeFields, encodeFields, printFieldPath } from './fields-v1.ts';
import { mergeTyped } from './merge.ts';
import { isSameButForTimes, updateManagedFields } from './update-managed-fields.ts';

const document = JSON.parse(readFileSync(new URL('../../kinds/schema.generated.json', import.meta.url), 'utf8'));
const schemas: { [name: string]: Schema } = document.components?.schemas ?? document;
const source: SchemaSource = { lookup: (name) => schemas[name] };
const DEPLOYMENT = { name: 'io.k8s.api.apps.v1.Deployment', source };

type Thing = KubernetesObject & { readonly spec?: unknown; readonly status?: unknown };

function thing(spec: unknown, metadata: object = {}): Thing {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...metadata }, spec };
}

function request(fields: Partial<ApplyRequest<Thing>> & { config: Thing }): ApplyRequest<Thing> {
  return {
    live: undefined,
    manager: 'a',
    apiVersion: 'apps/v1',
    time: 't1',
    force: false,
    schema: DEPLOYMENT,
    ...fields,
  };
}

function apply(fields: Partial<ApplyRequest<Thing>> & { config: Thing }): Thing {
  const outcome = applyPatch(request(fields));
  if (!outcome.ok) throw outcome.error;
  return outcome.object;
}

function update(
  live: Thing | undefined,
  object: Thing,
  more: { manager?: string; time?: string; subresource?: string } = {},
): Thing {
  return updateManagedFields({
    live,
    object,
    manager: 'u',
    apiVersion: 'apps/v1',
    time: 't1',
    schema: DEPLOYMENT,
    ...more,
  });
}

function owners(object: Thing): { [manager: string]: unknown } {
  return Object.fromEntries(
    (object.metadata?.managedFields ?? []).map((e) => [`${e.manager} ${e.operation} ${e.time}`, e.fieldsV1]),
  );
}

function containers(...list: object[]): object {
  return { template: { spec: { containers: list } } };
}

test('FieldsV1 round-trips, and paths print as conflicts show them', () => {
  const fields = {
    'f:spec': { '.': {}, 'f:list': { 'k:{"a":1,"b":"x"}': { '.': {}, 'f:v': {} }, 'v:"s"': {} }, 'f:n': {} },
  };
  const set = decodeFields(fields);
  expect(set.ok && encodeFields(set.value)).toEqual(fields);
  expect(decodeFields({ 'k:{"b":1, "a":2}': {} })).toEqual(decodeFields({ 'k:{"a":2,"b":1}': {} }));
  expect([
    decodeFields({ 'x:a': {} }).ok,
    decodeFields({ 'k:{': {} }).ok,
    decodeFields({ 'f:a': 5 } as never).ok,
  ]).toEqual([false, false, false]);
  expect(printFieldPath(['f:spec', 'f:ports', 'k:{"containerPort":80,"protocol":"TCP"}', 'f:name', 'v:"x"'])).toBe(
    '.spec.ports[containerPort=80,protocol="TCP"].name[="x"]',
  );
});

test('sets obey the laws of sets', () => {
  const path = fc.array(fc.constantFrom('f:a', 'f:b', 'f:c'), { minLength: 1, maxLength: 3 });
  const set = fc.array(path, { maxLength: 8 }).map((paths) => fieldSetOf(...paths));
  fc.assert(
    fc.property(set, set, (a, b) => {
      const encoded = (s: typeof a) => encodeFields(s);
      expect(encoded(union(difference(a, b), intersection(a, b)))).toEqual(encoded(a));
      expect(encoded(union(a, b))).toEqual(encoded(union(b, a)));
      expect(encoded(difference(a, union(a, b)))).toEqual({});
      const again = decodeFields(encodeFields(a));
      expect(again.ok && encoded(again.value)).toEqual(encoded(a));
    }),
  );
});

test('a create records its manager for all it set, but for type, name and what the server sets', () => {
  const object = update(
    undefined,
    thing(
      { replicas: 1, ...containers({ name: 'a', image: '1', ports: [{ containerPort: 80 }] }) },
      { uid: 'u', labels: { x: 'y' } },
    ),
  );
  expect(owners(object)).toEqual({
    'u Update t1': {
      'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } },
      'f:spec': {
        'f:replicas': {},
        'f:template': {
          'f:spec': {
            'f:containers': {
              'k:{"name":"a"}': {
                '.': {},
                'f:image': {},
                'f:name': {},
                'f:ports': { '.': {}, 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                'f:resources': {},
              },
            },
          },
        },
      },
    },
  });
});

test('an update takes over what it changes, and nothing changes hands without a change', () => {
  const first = update(undefined, thing({ replicas: 1, paused: true }));
  const second = update(first, { ...first, spec: { replicas: 2, paused: true } }, { manager: 'v', time: 't2' });
  expect(owners(second)).toEqual({
    'u Update t1': { 'f:spec': { 'f:paused': {} } },
    'v Update t2': { 'f:spec': { 'f:replicas': {} } },
  });
  expect(update(second, second, { manager: 'w', time: 't3' })).toEqual(second);
  const third = update(second, { ...second, spec: { replicas: 2 } }, { manager: 'w', time: 't3' });
  expect(owners(third)).toEqual({ 'v Update t2': { 'f:spec': { 'f:replicas': {} } } });
});

test('an empty managedFields resets, and what has none stays without', () => {
  const first = update(undefined, thing({ replicas: 1 }));
  const reset = update(first, { ...first, metadata: { ...first.metadata, managedFields: [] } });
  expect(reset.metadata?.managedFields).toBeUndefined();
  expect(update(reset, { ...reset, spec: { replicas: 2 } }).metadata?.managedFields).toBeUndefined();
});

test('of too many updaters the oldest become one', () => {
  let object = update(undefined, thing({ replicas: 0 }), { manager: 'm00', time: 't00' });
  for (let i = 1; i <= 12; i++) {
    const labels = { ...object.metadata?.labels, [`l${i}`]: '1' };
    object = update(
      object,
      { ...object, metadata: { ...object.metadata, labels } },
      { manager: `m${String(i).padStart(2, '0')}`, time: `t${String(i).padStart(2, '0')}` },
    );
  }
  const names = object.metadata?.managedFields?.map((e) => e.manager);
  expect(names).toHaveLength(10);
  expect(names).toContain('ancient-changes');
});

test('apply removes what its manager gives up, and keeps what others own', () => {
  const a1 = apply({
    config: thing({ replicas: 1, paused: true, ...containers({ name: 'x', image: '1' }, { name: 'y', image: '1' }) }),
  });
  const b1 = apply({
    live: a1,
    manager: 'b',
    time: 't2',
    config: thing({ paused: true, ...containers({ name: 'y', image: '1' }) }),
  });
  const a2 = apply({ live: b1, time: 't3', config: thing({ ...containers({ name: 'x', image: '1' }) }) });
  expect(a2.spec).toEqual({ paused: true, ...containers({ name: 'x', image: '1' }, { name: 'y', image: '1' }) });
  const b2 = apply({ live: a2, manager: 'b', time: 't4', config: thing(undefined) });
  expect(b2.spec).toEqual(containers({ name: 'x', image: '1' }));
  expect(Object.keys(owners(b2))).toEqual(['a Apply t3']);
});

test('apply conflicts are told field by field, and force takes the fields over', () => {
  const created = update(undefined, thing({ replicas: 1, ...containers({ name: 'x', image: '1' }) }), {
    manager: 'kubectl-create',
  });
  const config = thing({ replicas: 2, ...containers({ name: 'x', image: '2' }) });
  const one = applyPatch(request({ live: created, config: thing({ replicas: 2 }) }));
  const two = applyPatch(request({ live: created, config }));
  expect([one, two].map((o) => !o.ok && o.error.message)).toEqual([
    'Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas',
    'Apply failed with 2 conflicts: conflicts with "kubectl-create" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name="x"].image',
  ]);
  expect(!one.ok && one.error.status).toMatchObject({
    code: 409,
    reason: 'Conflict',
    details: {
      causes: [
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "kubectl-create" using apps/v1',
          field: '.spec.replicas',
        },
      ],
    },
  });
  const forced = apply({ live: created, config, force: true, time: 't2' });
  expect(forced.spec).toEqual(config.spec);
  expect(owners(forced)['kubectl-create Update t1']).toEqual({
    'f:spec': {
      'f:template': {
        'f:spec': { 'f:containers': { 'k:{"name":"x"}': { '.': {}, 'f:name': {}, 'f:resources': {} } } },
      },
    },
  });
});

test('the same value is shared, not a conflict; an apply that changes nothing is no write', () => {
  const a = apply({ config: thing({ replicas: 2 }) });
  const b = apply({ live: a, manager: 'b', time: 't2', config: thing({ replicas: 2 }) });
  expect(b.metadata?.managedFields?.map((e) => e.manager)).toEqual(['b', 'a']);
  expect(apply({ live: b, config: thing({ replicas: 2 }), time: 't9' })).toEqual(b);
  expect(
    isSameButForTimes(a, {
      ...a,
      metadata: { ...a.metadata, managedFields: a.metadata?.managedFields?.map((e) => ({ ...e, time: 'x' })) },
    }),
  ).toBe(true);
});

test('kubectl moves from client-side apply without conflicts, and keeps its annotation', () => {
  const lastApplied = thing({ replicas: 1 });
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(lastApplied) };
  const live = update(undefined, thing({ replicas: 1 }, { annotations }), { manager: 'kubectl-client-side-apply' });
  expect(applyPatch(request({ live, manager: 'other', config: thing({ replicas: 3 }) })).ok).toBe(false);
  const moved = apply({ live, manager: 'kubectl', time: 't2', config: thing({ replicas: 3 }) });
  expect(moved.spec).toEqual({ replicas: 3 });
  expect(
    JSON.parse(moved.metadata?.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? '{}').spec,
  ).toEqual({ replicas: 3 });
});

test('resetFields are nobody’s, and a bad list is a 400', () => {
  const status = fieldSetOf(['f:status']);
  const object = updateManagedFields({
    live: undefined,
    object: { ...thing({ replicas: 1 }), status: { replicas: 1 } },
    manager: 'u',
    apiVersion: 'apps/v1',
    time: 't1',
    schema: DEPLOYMENT,
    resetFields: status,
  });
  expect(owners(object)).toEqual({ 'u Update t1': { 'f:spec': { 'f:replicas': {} } } });
  const twice = applyPatch(
    request({ config: thing(containers({ name: 'x' }, { name: 'x' })), live: thing(containers({ name: 'x' })) }),
  );
  const nameless = applyPatch(request({ config: thing(containers({ ports: [{ name: 'p' }], name: 'x' })) }));
  expect([twice.ok || twice.error.message, nameless.ok]).toEqual([
    expect.stringContaining('): duplicate entries for key [name="x"]'),
    true,
  ]);
  expect(applyPatch(request({ config: thing({}, { managedFields: [{}] }) }))).toMatchObject({
    ok: false,
    error: { message: 'metadata.managedFields must be nil' },
  });
});

test('merged lists follow the configuration’s order and keep live items in their place', () => {
  const type = {
    schema: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' } as Schema,
    source,
  };
  const merge = (a: string, b: string) => (mergeTyped([...a], [...b], type) as string[]).join('');
  expect([
    merge('abc', 'ca'),
    merge('abc', 'd'),
    merge('abcd', 'db'),
    merge('', 'ab'),
    merge('ab', ''),
    merge('abc', 'acb'),
    merge('xay', 'bac'),
  ]).toEqual(['bca', 'abcd', 'acdb', 'ab', 'ab', 'acb', 'xbayc']);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(9)), fc.uniqueArray(fc.nat(9)), (a, b) => {
      const merged = mergeTyped(a, b, type) as number[];
      expect(merged.filter((x) => b.includes(x))).toEqual(b);
      expect([...merged].sort()).toEqual([...new Set([...a, ...b])].sort());
      expect(merged.filter((x) => !b.includes(x))).toEqual(a.filter((x) => !b.includes(x)));
    }),
  );
});

const word = fc.constantFrom('a', 'b', 'c');
const container = fc.record(
  {
    name: word,
    image: word,
    env: fc.uniqueArray(fc.record({ name: word, value: word }), {
      selector: (e) => e.name,
      minLength: 1,
      maxLength: 2,
    }),
  },
  { requiredKeys: ['name', 'image'] },
);
const spec = fc.record(
  {
    replicas: fc.nat(2),
    paused: fc.boolean(),
    template: fc.record({
      spec: fc.record(
        {
          containers: fc.uniqueArray(container, { selector: (c) => c.name, minLength: 1, maxLength: 3 }),
          nodeSelector: fc.dictionary(word, word, { minKeys: 1, maxKeys: 2 }),
        },
        { requiredKeys: ['containers'] },
      ),
    }),
  },
  { requiredKeys: [] },
);

test('apply is idempotent, and a manager alone gets exactly what it applied', () => {
  fc.assert(
    fc.property(spec, spec, (first, second) => {
      const one = apply({ config: thing(first) });
      const two = apply({ live: one, config: thing(second), time: 't2' });
      expect(apply({ live: two, config: thing(second), time: 't3' })).toEqual(two);
      expect(two.spec ?? {}).toEqual(second);
    }),
  );
});

test('independent managers may apply in any order', () => {
  const left = fc.dictionary(fc.constantFrom('l1', 'l2', 'l3'), word, { minKeys: 1 });
  const right = fc.dictionary(fc.constantFrom('r1', 'r2', 'r3'), word, { minKeys: 1 });
  fc.assert(
    fc.property(left, right, left, (a1, b, a2) => {
      const labelled = (labels: object) => thing({}, { labels });
      const run = (...steps: [string, object][]) =>
        steps.reduce<Thing | undefined>(
          (live, [manager, labels]) => apply({ live, manager, config: labelled(labels) }),
          undefined,
        );
      const fields = (o: Thing | undefined) => [
        o?.metadata?.labels ?? {},
        o?.metadata?.managedFields?.map(({ time, ...e }) => e),
      ];
      expect(fields(run(['a', a1], ['a', a2], ['b', b]))).toEqual(fields(run(['a', a1], ['b', b], ['a', a2])));
      expect(run(['a', a1], ['b', b], ['a', a2])?.metadata?.labels ?? {}).toEqual({ ...a2, ...b });
    }),
  );
});

test('whatever the objects hold, apply and update give an outcome, never an exception', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), container, (a, b, c) => {
      const live = update(undefined, thing(a));
      applyPatch(request({ live, config: thing(b), force: true }));
      applyPatch(request({ live: thing(containers(c)), config: thing(containers(b as object)) }));
      update(live, thing(b));
    }),
  );
});
