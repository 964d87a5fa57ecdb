import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiVersionOf, type KubernetesObject } from '../machinery/object.ts';
import { objectOf } from './arbitrary-object.ts';
import { catalogue } from './catalogue.ts';
import type { KindDefinition } from './definition.ts';
import { findSchema } from './schema.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const SINGULAR_IS_PLURAL = ['endpoints', 'securitycontextconstraints'];
const CONTEXT = { now: '2026-01-02T00:00:00Z' };

/** Views are named with their group: the plural alone is the stored kind's. */
function example({ plural, group, view }: KindDefinition): KubernetesObject {
  const name = view === undefined ? plural : `${plural}.${group}`;
  const url = new URL(`../../examples/kinds/${name}.yaml`, import.meta.url);
  return parse(readFileSync(url, 'utf8')) as KubernetesObject;
}

test('no two kinds share a resource or a name of one', () => {
  const resources = catalogue.map((kind) => `${kind.plural}.${kind.group}/${kind.version}`);
  const kinds = catalogue.map((kind) => `${kind.kind}.${kind.group}/${kind.version}`);
  const shortNames = catalogue
    .filter((kind) => !kind.view && kind.singular !== '')
    .flatMap((kind) => [...kind.shortNames, kind.plural, kind.singular]);
  const unique = (names: readonly string[]) => names.filter((name, at) => names.indexOf(name) !== at);
  expect([
    unique(resources),
    unique(kinds),
    unique(shortNames).filter((name) => !SINGULAR_IS_PLURAL.includes(name)),
  ]).toEqual([[], [], []]);
});

describe.each(catalogue.map((kind) => [kind.kind, kind] as const))('%s', (_, kind) => {
  test('has a schema that says the same of it', () => {
    const { group, version } = kind;
    expect(findSchema(kind.schema)?.['x-kubernetes-group-version-kind']).toContainEqual({
      group,
      version,
      kind: kind.kind,
    });
  });

  test('takes any object of its schema without throwing or changing it, and its defaults are idempotent', () => {
    fc.assert(
      fc.property(objectOf(kind.schema), objectOf(kind.schema), (object, other) => {
        const before = structuredClone(object);
        const defaulted = kind.applyDefaults(object);
        expect(kind.applyDefaults(defaulted)).toEqual(defaulted);
        for (const each of [object, defaulted]) {
          kind.validate(each);
          kind.validateUpdate(each, other);
          kind.warnings(each, other);
          kind.prepareForCreate(each, CONTEXT);
          kind.prepareForUpdate(each, other, CONTEXT);
          kind.deletionGraceSeconds(each);
          kind.rowConditions?.(each);
          for (const column of kind.columns) expect(column.cell(each, NOW)).not.toBeUndefined();
          for (const field of Object.values(kind.selectableFields)) expect(typeof field(each)).toBe('string');
        }
        expect(object).toEqual(before);
      }),
      { numRuns: 40 },
    );
  });
});

const stored = catalogue.filter((kind) => !kind.virtual);

describe.each(stored.map((kind) => [kind.kind, kind] as const))('%s', (_, kind) => {
  test('has an example that is valid and stays so', () => {
    const object = example(kind);
    const created = kind.applyDefaults(kind.prepareForCreate(object, CONTEXT));
    const updated = kind.applyDefaults(kind.prepareForUpdate(object, created, CONTEXT));
    expect({
      apiVersion: object.apiVersion,
      kind: object.kind,
      namespaced: object.metadata?.namespace !== undefined,
      create: kind.validate(created),
      update: [...kind.validate(updated), ...kind.validateUpdate(updated, created)],
      updated,
    }).toEqual({
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      namespaced: kind.namespaced,
      create: [],
      update: [],
      updated: created,
    });
  });

  test('shows its name, in the first column unless it is an event', () => {
    const [first] = kind.columns;
    expect(first?.name).toBe(kind.kind === 'Event' ? 'Last Seen' : 'Name');
    const named = kind.columns.find((column) => column.name === 'Name');
    const object = example(kind);
    expect([named?.format, named?.cell(object, NOW)]).toEqual(['name', object.metadata?.name]);
  });
});

test('kinds that are answered and not stored are asked by creating them, or read', () => {
  const virtual = catalogue.filter((kind) => kind.virtual);
  expect([...new Set(virtual.map((kind) => kind.verbs.join()))]).toEqual(['create', 'get,list']);
});
