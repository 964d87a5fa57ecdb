import { expect, test } from 'vitest';
import { type Condition, isConditionTrue, removeCondition, setCondition } from './conditions.ts';
import { controllerOf, controllerReference, isControlledBy } from './owner.ts';
import { renderTable } from './render-table.ts';

test('a condition’s transition time moves with its status alone', () => {
  const first = setCondition<Condition>(undefined, { type: 'Ready', status: 'False', reason: 'A' }, 't1');
  const second = setCondition(first, { type: 'Ready', status: 'False', reason: 'B' }, 't2');
  const third = setCondition(second, { type: 'Ready', status: 'True', reason: 'B' }, 't3');
  expect([first, second, third].flat().map((c) => `${c.status} ${c.reason} ${c.lastTransitionTime}`)).toEqual([
    'False A t1',
    'False B t1',
    'True B t3',
  ]);
  expect(setCondition(third, { type: 'Ready', status: 'True', reason: 'B' }, 't4')).toBe(third);
  expect([isConditionTrue(third, 'Ready'), removeCondition(third, 'Ready')]).toEqual([true, []]);
});

test('a controller reference points back to its owner', () => {
  const owner = { metadata: { name: 'web', uid: 'u1' } };
  const reference = controllerReference(owner, { apiVersion: 'apps/v1', kind: 'ReplicaSet' });
  const pod = { metadata: { ownerReferences: [{ ...reference, uid: 'other', controller: false }, reference] } };
  expect([controllerOf(pod), isControlledBy(pod, owner), isControlledBy(pod, { metadata: { uid: 'u2' } })]).toEqual([
    reference,
    true,
    false,
  ]);
});

test('a Table has a row for each object, with its metadata unless asked otherwise', () => {
  const columns = [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'Name of the object.',
      priority: 0,
      cell: (o: { metadata?: { name?: string } }) => o.metadata?.name ?? '',
    },
  ] as const;
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
  const table = renderTable(columns, [object], 0, { metadata: { resourceVersion: '5' } });
  expect(table).toEqual({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '5' },
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name', description: 'Name of the object.', priority: 0 },
    ],
    rows: [
      {
        cells: ['a'],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } },
      },
    ],
  });
  expect(renderTable(columns, [object], 0, { includeObject: 'Object', withoutColumns: true })).toMatchObject({
    columnDefinitions: [],
    rows: [{ object }],
  });
  expect(renderTable(columns, [object], 0, { includeObject: 'None' }).rows).toEqual([{ cells: ['a'] }]);
});
