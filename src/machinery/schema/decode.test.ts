import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeWithSchema } from './decode.ts';
import { parseJsonStrict } from './parse-json-strict.ts';
import type { Schema, SchemaSource } from './schema.ts';
import { strictDecodingError } from './strict-errors.ts';

const document = JSON.parse(readFileSync(new URL('../../kinds/schema.generated.json', import.meta.url), 'utf8'));
const schemas: { [name: string]: Schema } = document.components?.schemas ?? document;
const source: SchemaSource = { lookup: (name) => schemas[name] };
const DEPLOYMENT = 'io.k8s.api.apps.v1.Deployment';

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' }, creationTimestamp: null, annotations: {} },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    strategy: {},
    template: {
      metadata: { creationTimestamp: null, labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'web:1',
            env: [],
            ports: [{ containerPort: 80 }],
            resources: { limits: { memory: '1024Mi', cpu: 0.5 } },
            readinessProbe: { httpGet: { path: '/', port: 'http' } },
          },
        ],
        volumes: [{ name: 'a', emptyDir: {} }],
      },
    },
  },
};

test('a Deployment decodes to its canonical form: nulls and empty lists gone, quantities canonical, structs kept', () => {
  const { object, unknown, errors } = decodeWithSchema(deployment, DEPLOYMENT, source);
  expect({ unknown, errors }).toEqual({ unknown: [], errors: [] });
  expect(object).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      strategy: {},
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'web:1',
              ports: [{ containerPort: 80 }],
              resources: { limits: { memory: '1Gi', cpu: '500m' } },
              readinessProbe: { httpGet: { path: '/', port: 'http' } },
            },
          ],
          volumes: [{ name: 'a', emptyDir: {} }],
        },
      },
    },
  });
});

test('defaults of the schema are filled in on request, without Go’s zero values', () => {
  const pod = { spec: { containers: [{ name: 'a', ports: [{ containerPort: 1 }] }] } };
  expect(decodeWithSchema(pod, 'io.k8s.api.core.v1.Pod', source, { defaults: true }).object).toEqual({
    spec: { containers: [{ name: 'a', ports: [{ containerPort: 1, protocol: 'TCP' }] }] },
  });
});

test('unknown fields are left out and reported by path', () => {
  const pod = {
    foo: 1,
    metadata: { labels: { x: 'y' } },
    spec: { containers: [{ name: 'a', imagee: 'b', __proto__x: 1 }] },
  };
  const { object, unknown } = decodeWithSchema(pod, 'io.k8s.api.core.v1.Pod', source);
  expect(object).toEqual({ metadata: { labels: { x: 'y' } }, spec: { containers: [{ name: 'a' }] } });
  expect(strictDecodingError(pod, { unknown, duplicates: { paths: [], lines: [] } })).toBe(
    'strict decoding error: unknown field "foo", unknown field "spec.containers[0].imagee", unknown field "spec.containers[0].__proto__x"',
  );
});

test('unknown and twice-written fields are told in the order of the text', () => {
  const deployment = { spec: { unknownField: 1, replicas: 2, template: { spec: { containers: [{ foo: 1 }] } } } };
  const unknown = ['spec.unknownField', 'spec.template.spec.containers[0].foo'];
  const paths = ['spec.replicas', 'spec.template.spec.containers[0].foo'];
  expect(strictDecodingError(deployment, { unknown, duplicates: { paths, lines: [] } })).toBe(
    'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas", unknown field "spec.template.spec.containers[0].foo"',
  );
  const lines = ['line 8: key "replicas" already set in map'];
  expect(strictDecodingError(deployment, { unknown: ['spec.unknownField'], duplicates: { paths: [], lines } })).toBe(
    'strict decoding error: yaml: unmarshal errors:\n  line 8: key "replicas" already set in map, unknown field "spec.unknownField"',
  );
});

test('zero values of plain fields are as good as absent, those of pointers are not', () => {
  const pod = {
    spec: { hostNetwork: false, nodeName: '', hostUsers: false, containers: [{ name: 'a', stdin: false }] },
  };
  expect(decodeWithSchema(pod, 'io.k8s.api.core.v1.Pod', source).object).toEqual({
    spec: { hostUsers: false, containers: [{ name: 'a' }] },
  });
});

test('wrong types are told in Go’s words', () => {
  const wrong = (value: unknown, name = DEPLOYMENT) => decodeWithSchema(value, name, source).errors[0];
  const container = (fields: object) => ({ spec: { template: { spec: { containers: [fields] } } } });
  expect([
    wrong({ spec: { replicas: 'x' } }),
    wrong({ spec: { replicas: 1.5 } }),
    wrong({ spec: { replicas: 3e9 } }),
    wrong({ spec: 'x' }),
    wrong([]),
    wrong(container({ image: 5 })),
    wrong(container({ env: {} })),
    wrong(container({ tty: 'y' })),
    wrong({ metadata: { labels: { a: 1 } } }),
    wrong({ metadata: { labels: [] } }),
    wrong(container({ resources: { limits: { cpu: 'x' } } }))?.slice(0, 40),
    wrong({ data: { a: '*' } }, 'io.k8s.api.core.v1.Secret'),
    wrong({ metadata: { creationTimestamp: 'x' } }),
  ]).toEqual([
    'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32',
    'json: cannot unmarshal string into Go struct field Deployment.spec of type v1.DeploymentSpec',
    'json: cannot unmarshal array into Go value of type v1.Deployment',
    'json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string',
    'json: cannot unmarshal object into Go struct field Container.spec.template.spec.containers.env of type []v1.EnvVar',
    'json: cannot unmarshal string into Go struct field Container.spec.template.spec.containers.tty of type bool',
    'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    'quantities must match the regular expres',
    'illegal base64 data at input byte 0',
    'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
  ]);
});

test('null inside lists and maps is the zero value; recursive types end', () => {
  expect(decodeWithSchema({ data: { a: null } }, 'io.k8s.api.core.v1.ConfigMap', source).object).toEqual({
    data: { a: '' },
  });
  const name = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
  const schema = { properties: { a: { type: 'object', properties: { b: { type: 'string', default: 'x' } } } } };
  expect(decodeWithSchema(schema, name, source)).toEqual({ object: schema, unknown: [], errors: [] });
});

test('a structural schema keeps nulls and empties, preserves and prunes as it says', () => {
  const crd: Schema = {
    type: 'object',
    properties: {
      n: { type: 'string', nullable: true },
      d: { type: 'integer', default: 0 },
      list: { type: 'array', items: { type: 'string' } },
      p: { 'x-kubernetes-int-or-string': true },
      open: {
        type: 'object',
        properties: { known: { type: 'integer' } },
        'x-kubernetes-preserve-unknown-fields': true,
      },
      empty: { type: 'object' },
    },
  };
  const custom: SchemaSource = { lookup: () => crd, dialect: 'structural' };
  const value = { n: null, d: null, list: [], p: '50%', open: { x: null, known: 1 }, empty: { gone: 1 } };
  expect(decodeWithSchema(value, 'x', custom, { defaults: true })).toEqual({
    object: { n: null, d: 0, list: [], p: '50%', open: { x: null, known: 1 }, empty: {} },
    unknown: ['empty.gone'],
    errors: [],
  });
});

test('duplicate keys are found wherever they are, and only keys', () => {
  const text = '{"a":1,"b":[{"c":"a\\":\\"","\\u0063":2},{"c":1}],"a":{"a":"x"},"d":["a:","a:",{"e":1,"e":1,"e":2}]}';
  expect(parseJsonStrict(text)).toEqual({ ok: true, value: JSON.parse(text), duplicates: ['b[0].c', 'a', 'd[2].e'] });
});

test('broken JSON is told in Go’s words', () => {
  expect(
    ['', '{', '{"a":}', '[1 2]', '{a:1}', '{} x', '{"a" 1}'].map((t) => {
      const r = parseJsonStrict(t);
      return r.ok ? 'ok' : r.message;
    }),
  ).toEqual([
    'unexpected end of JSON input',
    'unexpected end of JSON input',
    "invalid character '}' looking for beginning of value",
    "invalid character '2' after array element",
    "invalid character 'a' looking for beginning of object key string",
    "invalid character 'x' after top-level value",
    "invalid character '1' after object key",
  ]);
});

test('a Deployment decodes in at most ten times of what the engine takes to parse its text', () => {
  const best = (work: () => unknown): number => {
    const round = (): number => {
      const start = performance.now();
      for (let i = 0; i < 50; i++) work();
      return performance.now() - start;
    };
    // The best of many: a busy machine spoils most of them.
    return Math.min(...Array.from({ length: 60 }, round));
  };
  const text = JSON.stringify(deployment);
  const parsing = best(() => JSON.parse(text));
  const decoding = best(() => decodeWithSchema(deployment, DEPLOYMENT, source));
  expect(decoding / parsing).toBeLessThan(10);
});
