import { expect, test } from 'vitest';
import { catalogue } from '../../kinds/catalogue.ts';
import { schemas } from '../../kinds/schema.ts';
import { describeSchema } from './descriptions.ts';
import { buildDocument } from './document.ts';
import { swaggerOf } from './swagger.ts';

const REF = { $ref: '#/components/schemas/Other' };
const SPEC = 'io.k8s.api.apps.v1.DeploymentSpec';
const descriptions = { [SPEC]: { '': 'What is wanted.', template: 'What pods look like.', replicas: 'How many.' } };

test('types and fields are described, references as one of `allOf`', () => {
  const schema = {
    type: 'object',
    properties: { a: REF, b: { ...REF, default: {} }, c: { type: 'array', items: REF } },
  };
  expect(describeSchema(schema, { '': 'All.', a: 'First.' })).toEqual({
    type: 'object',
    description: 'All.',
    properties: {
      a: { description: 'First.', allOf: [REF] },
      b: { default: {}, allOf: [REF] },
      c: { type: 'array', items: REF },
    },
  });
});

test('what names the type of an object is described in every type that is described', () => {
  const schema = { properties: { kind: { type: 'string' } } };
  expect(describeSchema(schema, { '': 'A thing.' })).toMatchObject({
    properties: { kind: { description: expect.stringMatching(/^Kind is a string value/) } },
  });
  expect(describeSchema(schema)).toEqual(schema);
});

test('a schema that describes itself keeps its words', () => {
  const own = { description: 'Mine.', properties: { a: { type: 'string', description: 'Mine too.' } } };
  expect(describeSchema(own, { '': 'Theirs.', a: 'Theirs.' })).toEqual(own);
});

test('both versions of OpenAPI say it', () => {
  const kinds = catalogue.filter(({ plural, group }) => plural === 'deployments' && group === 'apps');
  const document = buildDocument(kinds, { schemas, descriptions, version: 'v1' });
  const { components } = document as { components: { schemas: { [name: string]: { properties: object } } } };
  const template = '/io.k8s.api.core.v1.PodTemplateSpec';
  expect(components.schemas[SPEC]?.properties).toMatchObject({
    replicas: { description: 'How many.' },
    template: { description: 'What pods look like.', allOf: [{ $ref: `#/components/schemas${template}` }] },
  });
  expect(swaggerOf(document).definitions[SPEC]).toMatchObject({
    description: 'What is wanted.',
    properties: { template: { description: 'What pods look like.', $ref: `#/definitions${template}` } },
  });
});

test('every reference leads to a schema of the document, so that any path can be explained', () => {
  const text = JSON.stringify(buildDocument(catalogue, { schemas, descriptions, version: 'v1' }));
  const { components } = JSON.parse(text) as { components: { schemas: object } };
  const referred = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
  expect([...new Set(referred)].filter((name) => !Object.hasOwn(components.schemas, name ?? ''))).toEqual([]);
});
