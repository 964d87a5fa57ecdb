import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../machinery/object.ts';
import { defaultStructural } from '../../machinery/structural/default-structural.ts';
import { pruneStructural } from '../../machinery/structural/prune.ts';
import type { StructuralSchema } from '../../machinery/structural/schema.ts';
import { validateValue } from '../../machinery/structural/validate-value.ts';
import type { KindDefinition } from '../definition.ts';
import { customResourceDefinitionKind } from './custom-resource-definition.ts';
import { definitionsOfCustomResource } from './definition-of-custom-resource.ts';
import type { CustomResourceDefinition } from './types.ts';

const FOLDER = new URL('./testdata/', import.meta.url);
const CONTEXT = { now: '2026-01-01T00:00:00Z' };
const ESTABLISHED = [{ type: 'Established', status: 'True' }];

function load(file: string): readonly KubernetesObject[] {
  const documents = parseAllDocuments(readFileSync(new URL(file, FOLDER), 'utf8'), { merge: true });
  return documents.map((document) => document.toJS() as KubernetesObject);
}

/** The definition as it would be stored, established. */
function defined(object: KubernetesObject): CustomResourceDefinition {
  const kind = customResourceDefinitionKind;
  const crd = kind.applyDefaults(kind.prepareForCreate(object, CONTEXT)) as CustomResourceDefinition;
  return { ...crd, status: { ...crd.status, conditions: ESTABLISHED } };
}

function kindsOf(crd: CustomResourceDefinition): KindDefinition {
  const [kind] = definitionsOfCustomResource(crd);
  if (kind === undefined) throw new Error('nothing is served');
  return kind;
}

const lines = (found: ReturnType<KindDefinition['validate']>): readonly string[] =>
  found.map(({ field, message }) => `${field === '' ? '<nil>' : field}: ${message}`);
const decoded = (kind: KindDefinition, object: KubernetesObject) =>
  kind.applyDefaults(kind.custom?.decode(object).object as KubernetesObject);

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const [first = {}, ...objects] = load(file);
  const crd = defined(first);

  test('is a sound definition', () => {
    expect(lines(customResourceDefinitionKind.validate(crd))).toEqual([]);
  });

  test.each(objects.map((object) => [object.metadata?.name, object] as const))(
    'judges %s as upstream would',
    (_, object) => {
      const kind = kindsOf(crd);
      const expected = object.metadata?.annotations?.['expect']?.split('\n') ?? [];
      const { unknown, errors } = kind.custom?.decode(object) ?? { unknown: [''], errors: [''] };
      const found = lines(kind.validate(decoded(kind, object))).filter(
        (line) => !line.includes('some validation rules'),
      );
      expect({ unknown, errors, found: [...found].sort() }).toEqual({
        unknown: [],
        errors: [],
        found: [...expected].sort(),
      });
    },
  );

  test('publishes schemas for its kind and its list', () => {
    const kind = kindsOf(crd);
    expect(Object.keys(kind.custom?.schemas ?? {})).toEqual([kind.schema, `${kind.schema}List`]);
  });
});

test('defaults reach as deep as their parents do', () => {
  const [crd = {}] = load('http-route.yaml');
  const kind = kindsOf(defined(crd));
  const object = decoded(kind, {
    metadata: { name: 'a' },
    spec: { rules: [{}], parentRefs: [{ name: 'gw' }] },
  } as KubernetesObject);
  expect(object).toMatchObject({
    spec: {
      rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }],
      parentRefs: [{ group: 'gateway.example.io', kind: 'Gateway', name: 'gw' }],
    },
  });
});

test('rules about transitions are asked about changes only, and old faults are excused', () => {
  const [crd = {}, route = {}] = load('http-route.yaml');
  const kind = kindsOf(defined(crd));
  const old = decoded(kind, route) as KubernetesObject & { readonly spec: object };
  const change = (spec: object) =>
    lines(kind.validateUpdate({ ...old, spec: { ...old.spec, ...spec } } as KubernetesObject, old));
  expect(change({ tier: 'silver' })).toEqual(['spec.tier: Invalid value: "string": tier is immutable']);
  const bad = { rules: [{ matches: [{ path: { type: 'Exact', value: '/a//b' } }] }] };
  const worse = { ...old, spec: { ...old.spec, ...bad } } as KubernetesObject;
  const renamed = { ...old, spec: { ...old.spec, ...bad, hostnames: ['b.example.io'] } } as KubernetesObject;
  expect(lines(kind.validateUpdate(worse, old))).toHaveLength(1);
  expect(lines(kind.validateUpdate(renamed, worse))).toEqual([]);
});

describe('a definition is refused', () => {
  const [base = {}] = load('issuer.yaml') as readonly CustomResourceDefinition[];
  const withSchema = (openAPIV3Schema: object) => {
    const [version] = base.spec?.versions ?? [];
    return defined({
      ...base,
      spec: { ...base.spec, versions: [{ ...version, schema: { openAPIV3Schema } }] },
    } as KubernetesObject);
  };
  const PATH = 'spec.versions[0].schema.openAPIV3Schema';
  const found = (schema: object) =>
    lines(
      customResourceDefinitionKind
        .validate(withSchema(schema))
        .map((e) => ({ ...e, field: e.field.replace(PATH, '$') })),
    );
  const field = (schema: object) => ({ type: 'object', properties: { a: schema } });

  test("for a name that isn't its plural and group, and for versions that don't add up", () => {
    const [version] = base.spec?.versions ?? [];
    const crd = defined({
      ...base,
      metadata: { name: 'other' },
      spec: {
        ...base.spec,
        group: 'example',
        names: { plural: 'As', kind: 'A' },
        versions: [version, { ...version, name: 'v1' }],
      },
    } as KubernetesObject);
    expect(
      lines(customResourceDefinitionKind.validate(crd)).map((line) =>
        line.replace(/Invalid value: \[.*\]:/, 'Invalid value: …:'),
      ),
    ).toEqual([
      'metadata.name: Invalid value: "other": must be spec.names.plural+"."+spec.group',
      'spec.group: Invalid value: "example": should be a domain with at least one dot',
      'spec.versions: Invalid value: …: must contain unique version names',
      'spec.versions: Invalid value: …: must have exactly one version marked as storage version',
      expect.stringMatching(/^spec\.names\.plural: Invalid value: "As": a DNS-1035 label must consist of/),
    ]);
  });

  test("for a schema that isn't structural", () => {
    expect(found(field({ oneOf: [{ type: 'string' }], not: { properties: { b: {} } } }))).toEqual([
      '$.properties[a].oneOf[0].type: Forbidden: must be empty to be structural',
      `$.properties[a].properties[b]: Required value: because it is defined in ${PATH}.properties[a].not.properties[b]`,
      '$.properties[a].type: Required value: must not be empty for specified object fields',
    ]);
    expect(found({ type: 'string' })[0]).toBe(
      '$.type: Invalid value: "string": only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
    );
    expect(found(field({ type: 'array' }))).toEqual(['$.properties[a].items: Required value: must be specified']);
  });

  test("for lists whose keys don't fit, defaults that don't, and patterns that can't be read", () => {
    const list = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['n'],
      items: { type: 'object', properties: { n: { type: 'string' } } },
    };
    expect(found(field(list))).toEqual([
      '$.properties[a].items.properties[n].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ]);
    expect(found(field({ type: 'integer', default: 'x' }))).toEqual([
      '$.properties[a].default: Invalid value: "string": spec.versions[0].schema.openAPIV3Schema.properties[a].default in body must be of type integer: "string"',
    ]);
    expect(found(field({ type: 'string', pattern: '(' }))[0]).toMatch(
      /^\$\.properties\[a\]\.pattern: Invalid value: "\(": must be a valid regular expression/,
    );
  });

  test("for rules that can't be compiled", () => {
    const rules = [
      { rule: 'self.b == 1' },
      { rule: '1' },
      { rule: 'true', optionalOldSelf: true },
      { rule: 'true', messageExpression: '1' },
    ];
    const shown = found(
      field({ type: 'object', properties: { c: { type: 'string' } }, 'x-kubernetes-validations': rules }),
    );
    expect(shown.map((line) => line.replace(/Invalid value: \{.*?\}:/, 'Invalid value: …:'))).toEqual([
      "$.properties[a].x-kubernetes-validations[0].rule: Invalid value: …: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b == 1\n | ....^",
      '$.properties[a].x-kubernetes-validations[1].rule: Invalid value: …: cel expression must evaluate to a bool',
      '$.properties[a].x-kubernetes-validations[2].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule',
      '$.properties[a].x-kubernetes-validations[3].messageExpression: Invalid value: …: messageExpression must evaluate to a string',
    ]);
  });
});

/** Structural schemas, and values that sometimes fit them. */
const name = fc.constantFrom('a', 'b', '__proto__', 'metadata');
const scalar = fc.oneof(
  fc.record({ type: fc.constant('string'), default: fc.constantFrom('x', 'y') }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('integer'), nullable: fc.boolean() }, { requiredKeys: ['type'] }),
  fc.constant({ 'x-kubernetes-preserve-unknown-fields': true }),
);
const { schema } = fc.letrec<{ schema: StructuralSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    scalar as fc.Arbitrary<StructuralSchema>,
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(name, tie('schema'), { noNullPrototype: true }),
    }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
    fc.record({
      type: fc.constant('array'),
      items: tie('schema'),
      'x-kubernetes-list-type': fc.constantFrom('set', 'atomic'),
    }),
  ) as fc.Arbitrary<StructuralSchema>,
}));
const value = fc.jsonValue({ maxDepth: 4 });

test('pruning and defaulting are done once for all, and nothing throws or changes its argument', () => {
  fc.assert(
    fc.property(schema, fc.dictionary(name, value, { noNullPrototype: true }), (place, object) => {
      const before = structuredClone(object);
      const once = pruneStructural(object, place, { root: true });
      expect(pruneStructural(once.value, place, { root: true })).toEqual({ value: once.value, unknown: [] });
      const filled = defaultStructural(once.value, place);
      expect(defaultStructural(filled, place)).toEqual(filled);
      expect(validateValue(filled, place, { old: filled })).toEqual([]);
      validateValue(filled, place);
      expect(object).toEqual(before);
    }),
    { numRuns: 300 },
  );
});

test('rules that may cost too much are refused where they are written', () => {
  const items = { type: 'array', items: { type: 'string' } };
  const rule = { rule: 'self.all(x, self.exists_one(y, x == y))' };
  const [crd = {}] = load('http-route.yaml') as readonly CustomResourceDefinition[];
  const versions = (crd.spec?.versions ?? []).slice(0, 1).map((version) => ({
    ...version,
    storage: true,
    schema: {
      openAPIV3Schema: { type: 'object', properties: { spec: { ...items, 'x-kubernetes-validations': [rule] } } },
    },
  }));
  const made = defined({ ...crd, spec: { ...crd.spec, versions } } as KubernetesObject);
  const path = 'spec.versions[0].schema.openAPIV3Schema';
  const advice =
    'exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
  const at = `${path}.properties[spec].x-kubernetes-validations[0].rule`;
  expect(lines(customResourceDefinitionKind.validate(made)).filter((line) => line.includes('Forbidden'))).toEqual([
    `${at}: Forbidden: estimated rule cost ${advice}`,
    `${at}: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
    `${path}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema ${advice}`,
  ]);
});
