import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiVersionOf } from '../machinery/object.ts';
import type { DecodeTypes } from '../machinery/protobuf/decode-message.ts';
import { decodeProtobuf, messageNameOf } from '../machinery/protobuf/decode-protobuf.ts';
import { isInlined, jsonName } from '../machinery/protobuf/field-names.ts';
import { specialForm } from '../machinery/protobuf/special-messages.ts';
import { catalogue } from './catalogue.ts';
import { loadProtobufTypes } from './protobuf-types.ts';
import { findSchema, referenceOf, type Schema } from './schema.ts';

const types = await loadProtobufTypes();

/** Bodies as kubectl 1.32 sends them. */
const BODIES = {
  canI: '6b3873000a320a17617574686f72697a6174696f6e2e6b38732e696f2f7631121753656c665375626a656374416363657373526576696577123a0a100a0012001a0022002a00320038004200121c0a1a0a0473686f7012046c6973741a0022002a04706f647332003a001a08080012001a0020001a002200',
  createToken:
    '6b3873000a280a1861757468656e7469636174696f6e2e6b38732e696f2f7631120c546f6b656e5265717565737412300a100a0012001a0022002a0032003800420012160a01611a0e0a03506f64120276311a0170220020b0091a040a0012001a002200',
  createDeployment:
    '6b3873000a150a07617070732f7631120a4465706c6f796d656e7412b2010a1f0a0377656212001a0022002a003200380042005a0a0a0361707012037765621280010800120c0a0a0a0361707012037765621a660a1c0a0012001a0022002a003200380042005a0a0a036170701203776562124612280a01611203613a312a00320a0a001000185022002a0042006a007200800100880100900100a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a00280038001a0c0800100018002000280038001a002200',
  createPdb:
    '6b3873000a200a09706f6c6963792f76311213506f6444697372757074696f6e42756467657412360a110a017012001a0022002a0032003800420012150a09080110001a0335302512080a060a01611201621a0a080018002000280030001a002200',
};

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function decode(body: keyof typeof BODIES): unknown {
  const decoded = decodeProtobuf(bytesOf(BODIES[body]), types);
  return decoded.ok ? decoded.value : decoded.message;
}

describe('a protobuf body of kubectl', () => {
  test('reads as the JSON that it would have sent', () => {
    expect(decode('canI')).toEqual({
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: { resourceAttributes: { namespace: 'shop', verb: 'list', resource: 'pods' } },
      status: { allowed: false },
    });
    expect(decode('createToken')).toMatchObject({
      spec: {
        audiences: ['a'],
        boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' },
        expirationSeconds: 1200,
      },
    });
  });

  test('keeps a zero that says something and leaves out those that say nothing', () => {
    const labels = { app: 'web' };
    expect(decode('createDeployment')).toEqual({
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'web', labels },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'a', image: 'a:1', ports: [{ containerPort: 80 }], resources: {} }] },
        },
        strategy: {},
      },
      status: { replicas: 0 },
    });
  });

  test('may hold numbers or texts', () => {
    expect(decode('createPdb')).toMatchObject({ spec: { minAvailable: '50%', selector: { matchLabels: { a: 'b' } } } });
  });

  test('cut or garbled is an error and nothing worse', () => {
    const whole = bytesOf(BODIES.createDeployment);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const bytes = cut ? whole.slice(0, at) : whole.with(at, byte);
        const decoded = decodeProtobuf(bytes, types);
        expect(decoded.ok ? typeof decoded.value : typeof decoded.message).toMatch(/object|string/);
      }),
      { numRuns: 500 },
    );
    expect(decodeProtobuf(new Uint8Array(), types)).toMatchObject({ ok: false });
  });
});

interface Walk {
  readonly types: DecodeTypes;
  readonly seen: Set<string>;
  readonly missing: string[];
}

/** JSON names of a message's fields with the messages behind them, inlined ones in place. */
function fieldsOf(message: string): ReadonlyMap<string, string> {
  const fields = [...(types.messages.message(message)?.fields.values() ?? [])];
  return new Map(
    fields.flatMap(({ name, type }) =>
      isInlined(message, name) ? [...fieldsOf(type)] : [[jsonName(message, name), type] as const],
    ),
  );
}

function schemaBehind(schema: Schema): string | undefined {
  const inner = schema.items ?? schema.additionalProperties ?? schema;
  if (typeof inner === 'boolean') return undefined;
  return inner === schema ? referenceOf(schema) : schemaBehind(inner);
}

/** Collects properties of a schema, and of all below it, that its message lacks. */
function compare(schemaName: string, message: string, walk: Walk): void {
  if (walk.seen.has(schemaName) || specialForm(message) !== undefined) return;
  walk.seen.add(schemaName);
  const fields = fieldsOf(message);
  for (const [name, schema] of Object.entries(findSchema(schemaName)?.properties ?? {})) {
    const type = fields.get(name);
    const inner = schemaBehind(schema);
    if (type === undefined) walk.missing.push(`${message}.${name}`);
    else if (inner !== undefined && types.messages.message(type) !== undefined) compare(inner, type, walk);
  }
}

/**
 * Kinds whose protobuf the data doesn't have: upstream's own clients of APIServices send JSON, OpenShift's too, and
 * nobody sends metrics.
 */
const JSON_ONLY = new Set(['apiregistration.k8s.io', 'metrics.k8s.io', 'route.openshift.io', 'security.openshift.io']);
const binary = catalogue.filter((kind) => !JSON_ONLY.has(kind.group));

test.each(binary.map((kind) => [kind.kind, kind] as const))('every field of %s can come in protobuf', (_, kind) => {
  const message = messageNameOf(apiVersionOf(kind), kind.kind);
  const walk: Walk = { types, seen: new Set(), missing: [] };
  expect(types.messages.message(message)).toBeDefined();
  compare(kind.schema, message, walk);
  // An object's type is in the envelope; that of a template isn't sent.
  expect(walk.missing.filter((field) => !/\.(apiVersion|kind)$/.test(field))).toEqual([]);
});
