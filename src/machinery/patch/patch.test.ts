import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepEqual } from '../deep.ts';
import { fieldSchema, itemSchema, type Schema, type SchemaSource } from '../schema/schema.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { descend, patchMeta } from './patch-meta.ts';
import { isFields, type Patched } from './patched.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

const document = JSON.parse(readFileSync(new URL('../../kinds/schema.generated.json', import.meta.url), 'utf8'));
const schemas: { [name: string]: Schema } = document.components?.schemas ?? document;
const source: SchemaSource = { lookup: (name) => schemas[name] };
const POD = { name: 'io.k8s.api.core.v1.Pod', source };

function outcome(result: Patched): unknown {
  return result.ok ? result.value : `${result.error.status.code} ${result.error.message}`;
}

function mergePod(original: unknown, patch: unknown): unknown {
  return outcome(applyStrategicMergePatch(original, patch, POD));
}

function mergeSpec(original: unknown, patch: unknown): unknown {
  const result = mergePod({ spec: original }, { spec: patch });
  return isFields(result) ? result['spec'] : result;
}

test('a JSON patch changes, tests and moves', () => {
  const original = { a: [1, 2], b: { c: 1 } };
  const patch = [
    { op: 'test', path: '/b/c', value: 1 },
    { op: 'add', path: '/a/-', value: 3 },
    { op: 'move', from: '/b/c', path: '/d' },
    { op: 'remove', path: '/a/0' },
  ];
  expect(outcome(applyJsonPatch(original, patch))).toEqual({ a: [2, 3], b: {}, d: 1 });
  expect(original).toEqual({ a: [1, 2], b: { c: 1 } });
});

test('a JSON patch that cannot be applied is refused as upstream does', () => {
  const failed = '422 the server rejected our request due to an error in our request';
  const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
  expect(
    [
      applyJsonPatch({}, [{ op: 'remove', path: '/x' }]),
      applyJsonPatch({}, [{ op: 'test', path: '/x', value: 1 }]),
      applyJsonPatch({}, [{ op: 'nope', path: '/x' }]),
      applyJsonPatch({}, [5]),
      applyJsonPatch({}, [{ op: 'add', path: 'x', value: 1 }]),
      applyJsonPatch({ a: ['x'] }, doubling),
      applyJsonPatch({}, {}),
      applyJsonPatch({}, new Array(10_001).fill({})),
    ].map(outcome),
  ).toEqual([
    failed,
    failed,
    failed,
    failed,
    failed,
    failed,
    '400 json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    '413 The allowed maximum operations in a JSON patch is 10000, got 10001',
  ]);
});

test('a merge patch follows RFC 7396', () => {
  const merge = (a: unknown, b: unknown) => outcome(applyMergePatch(a, b));
  expect([
    merge({ a: 'b', b: 'c' }, { a: null }),
    merge({ a: { b: 1, c: 2 } }, { a: { b: null, d: [1] } }),
    merge({ a: [1] }, { a: { b: { c: null, d: 1 } } }),
    merge({}, []),
  ]).toEqual([{ b: 'c' }, { a: { c: 2, d: [1] } }, { a: { b: { d: 1 } } }, '400 Invalid JSON Patch']);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  merge({}, JSON.parse('{"__proto__":{"polluted":true}}'));
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('strategic: lists of objects merge by key; new items of the patch come before the server’s own', () => {
  const spec = {
    containers: [
      { name: 'a', image: '1' },
      { name: 'b', image: '1', env: [{ name: 'X', value: '1' }] },
    ],
  };
  expect(
    mergeSpec(spec, {
      containers: [
        { name: 'c', image: '3' },
        { name: 'b', image: '2', env: [{ name: 'Y', value: '2' }] },
      ],
    }),
  ).toEqual({
    containers: [
      { name: 'c', image: '3' },
      { name: 'a', image: '1' },
      {
        name: 'b',
        image: '2',
        env: [
          { name: 'Y', value: '2' },
          { name: 'X', value: '1' },
        ],
      },
    ],
  });
});

test('strategic: $patch deletes and replaces items, lists and objects', () => {
  const spec = { containers: [{ name: 'a' }, { name: 'b' }], securityContext: { runAsUser: 1 } };
  expect([
    mergeSpec(spec, { containers: [{ name: 'a', $patch: 'delete' }] }),
    mergeSpec(spec, { containers: [{ $patch: 'replace' }, { name: 'c' }] }),
    mergeSpec(spec, { securityContext: { $patch: 'replace', runAsGroup: 2 } }),
    mergeSpec(spec, { securityContext: { $patch: 'delete' } }),
    mergeSpec(spec, { securityContext: null }),
  ]).toEqual([
    { ...spec, containers: [{ name: 'b' }] },
    { ...spec, containers: [{ name: 'c' }] },
    { ...spec, securityContext: { runAsGroup: 2 } },
    { ...spec, securityContext: {} },
    { containers: spec.containers },
  ]);
});

test('strategic: lists of primitives merge, and $deleteFromPrimitiveList takes out', () => {
  const meta = (patch: object) => mergePod({ metadata: { finalizers: ['a', 'b'] } }, { metadata: patch });
  expect([
    meta({ finalizers: ['c', 'a'] }),
    meta({ '$deleteFromPrimitiveList/finalizers': ['a'] }),
    meta({
      '$deleteFromPrimitiveList/finalizers': ['a'],
      '$setElementOrder/finalizers': ['c', 'b'],
      finalizers: ['c'],
    }),
  ]).toEqual([
    { metadata: { finalizers: ['c', 'a', 'b'] } },
    { metadata: { finalizers: ['b'] } },
    { metadata: { finalizers: ['c', 'b'] } },
  ]);
  expect(
    mergeSpec({ containers: [{ name: 'a', args: ['x', 'y'] }] }, { containers: [{ name: 'a', args: ['z'] }] }),
  ).toEqual({ containers: [{ name: 'a', args: ['z'] }] });
});

test('strategic: $setElementOrder puts the client’s items in order and keeps the server’s in place', () => {
  const spec = { containers: [{ name: 'a' }, { name: 'server' }, { name: 'b' }] };
  expect(mergeSpec(spec, { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] })).toEqual({
    containers: [{ name: 'server' }, { name: 'b' }, { name: 'a' }],
  });
  expect(
    mergeSpec(spec, {
      '$setElementOrder/containers': [{ name: 'a' }, { name: 'c' }, { name: 'b' }],
      containers: [{ name: 'c', image: 'x' }],
    }),
  ).toEqual({
    containers: [{ name: 'a' }, { name: 'c', image: 'x' }, { name: 'server' }, { name: 'b' }],
  });
  expect(
    mergeSpec(spec, {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
      containers: [{ name: 'a' }, { name: 'b' }],
    }),
  ).toMatch(/^400 The order in patch list/);
});

test('strategic: $retainKeys switches a union', () => {
  const strategy = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
  const deployment = { name: 'io.k8s.api.apps.v1.Deployment', source };
  const patch = (strategyPatch: object) =>
    outcome(applyStrategicMergePatch(strategy, { spec: { strategy: strategyPatch } }, deployment));
  expect([
    patch({ $retainKeys: ['type'], type: 'Recreate' }),
    patch({ $retainKeys: ['x'], type: 'Recreate' }),
    patch({ type: 'Recreate' }),
  ]).toEqual([
    { spec: { strategy: { type: 'Recreate' } } },
    '400 invalid patch format of retainKeys',
    { spec: { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } } },
  ]);
  const volumes = [{ name: 'v', emptyDir: {} }];
  expect(
    mergeSpec(
      { volumes },
      { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' }, emptyDir: null }] },
    ),
  ).toEqual({ volumes: [{ name: 'v', hostPath: { path: '/x' } }] });
});

test('strategic: broken patches are 400s, never exceptions', () => {
  const spec = { containers: [{ name: 'a' }] };
  expect([
    mergePod({}, []),
    mergeSpec(spec, { containers: [{ image: 'x' }] }),
    mergeSpec(spec, { $patch: 'merge' }),
    mergeSpec(spec, { containers: [{ name: 'a', $patch: 'x' }] }),
    mergeSpec(spec, { '$setElementOrder/containers': 5 }),
    mergeSpec(spec, { containers: ['x'] }),
    mergeSpec(spec, { containers: [[]] }),
  ]).toEqual([
    '400 invalid JSON document',
    '400 map: {"image":"x"} does not contain declared merge key: name',
    '400 unknown patch type: merge in map: {"$patch":"merge"}',
    '400 unknown patch type: x in map: {"name":"a","$patch":"x"}',
    '400 invalid patch format of setElementOrder list',
    '400 list element types are not identical',
    '422 the server rejected our request due to an error in our request',
  ]);
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      mergePod(a, b);
      applyMergePatch(a, b);
      applyJsonPatch(a, b);
    }),
  );
});

/** The patch a client computes from what it had to what it wants, as kubectl apply does. */
function diff(
  from: unknown,
  to: unknown,
  place: { schema: Schema | undefined; source: SchemaSource },
): { [name: string]: unknown } {
  const patch: { [name: string]: unknown } = {};
  if (!isFields(from) || !isFields(to)) throw new Error('objects only');
  for (const name of Object.keys(from)) if (!(name in to)) patch[name] = null;
  for (const name of Object.keys(to)) {
    const [a, b, at] = [from[name], to[name], descend(place, name)];
    if (deepEqual(a, b)) continue;
    if (isFields(a) && isFields(b)) patch[name] = diff(a, b, at);
    else if (Array.isArray(a) && Array.isArray(b) && patchMeta(at).strategy === 'merge')
      diffLists(patch, name, { a, b, at });
    else patch[name] = b;
  }
  return patch;
}

function diffLists(
  patch: { [name: string]: unknown },
  name: string,
  { a, b, at }: { a: unknown[]; b: unknown[]; at: { schema: Schema | undefined; source: SchemaSource } },
): void {
  const { mergeKey } = patchMeta(at);
  const id = (item: unknown) => (mergeKey !== '' && isFields(item) ? item[mergeKey] : item);
  patch[`$setElementOrder/${name}`] = mergeKey === '' ? b : b.map((item) => ({ [mergeKey]: id(item) }));
  const gone = a.filter((x) => !b.some((y) => id(x) === id(y)));
  if (mergeKey === '') {
    patch[`$deleteFromPrimitiveList/${name}`] = gone;
    patch[name] = b.filter((x) => !a.includes(x));
    return;
  }
  const items = { schema: itemSchema(at.schema, source), source };
  const changed = b
    .filter((y) => !a.some((x) => deepEqual(x, y)))
    .map((y) => {
      const before = a.find((x) => id(x) === id(y));
      return before === undefined ? y : { ...diff(before, y, items), [mergeKey]: id(y) };
    });
  patch[name] = [...changed, ...gone.map((x) => ({ [mergeKey]: id(x), $patch: 'delete' }))];
}

test('strategic: a two-way diff applied to its origin gives its target', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd');
  const map = fc.dictionary(word, word, { maxKeys: 3 });
  const env = fc.uniqueArray(fc.record({ name: word, value: word }, { requiredKeys: ['name'] }), {
    selector: (e) => e.name,
    maxLength: 4,
  });
  const container = fc.record(
    {
      name: word,
      image: word,
      args: fc.array(word, { maxLength: 3 }),
      env,
      securityContext: fc.record({ runAsUser: fc.nat(3) }, { requiredKeys: [] }),
    },
    { requiredKeys: ['name'] },
  );
  const pod = fc.record({
    metadata: fc.record({ labels: map, finalizers: fc.uniqueArray(word, { maxLength: 4 }) }, { requiredKeys: [] }),
    spec: fc.record(
      {
        containers: fc.uniqueArray(container, { selector: (c) => c.name, maxLength: 4 }),
        nodeSelector: map,
        restartPolicy: word,
      },
      { requiredKeys: ['containers'] },
    ),
  });
  fc.assert(
    fc.property(pod, pod, (from, to) => {
      expect(mergePod(from, diff(from, to, { schema: schemas[POD.name], source }))).toEqual(to);
    }),
    { numRuns: 300 },
  );
});

test('the schema tells how each list merges', () => {
  const ports = fieldSchema(schemas['io.k8s.api.core.v1.ServiceSpec'], 'ports', source);
  expect(patchMeta({ schema: ports, source })).toEqual({ strategy: 'merge', retainKeys: false, mergeKey: 'port' });
});
