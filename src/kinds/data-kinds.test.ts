import { expect, test } from 'vitest';
import type { KubernetesObject } from '../machinery/object.ts';
import { decodeBase64Text, encodeBase64 } from './base64.ts';
import { configMapKind } from './config-map.ts';
import type { KindDefinition } from './definition.ts';
import { namespaceKind } from './namespace.ts';
import { secretKind } from './secret.ts';

const CONTEXT = { now: '2026-01-01T00:00:00Z' };

function sentences(kind: KindDefinition, object: object): readonly string[] {
  return kind.validate(kind.applyDefaults(object)).map((error) => `${error.field}: ${error.message}`);
}

test('stringData becomes data, and the type Opaque', () => {
  const given = { stringData: { a: 'grüße', b: '' }, data: { a: 'b2xk', c: 'bmV3' } } as KubernetesObject;
  const data = { a: 'Z3LDvMOfZQ==', b: '', c: 'bmV3' };
  expect(secretKind.applyDefaults(given)).toEqual({ metadata: {}, data, type: 'Opaque' });
});

test('base64 there and back is the same text', () => {
  const texts = ['', 'a', 'ab', 'abc', 'grüße', '日本', '🐳'];
  expect(texts.map((text) => decodeBase64Text(encodeBase64(text)))).toEqual(texts);
  expect(['a', 'YQ', '/w=='].map(decodeBase64Text)).toEqual([undefined, undefined, undefined]);
});

test('keys and sizes are limited', () => {
  expect(sentences(configMapKind, { data: { 'a/b': '', x: '' }, binaryData: { x: '' } })).toEqual([
    "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    'data[x]: Invalid value: "x": duplicate of key present in binaryData',
  ]);
  expect(sentences(configMapKind, { data: { x: 'ü'.repeat(524_289) } })).toEqual([
    '[]: Too long: may not be more than 1048576 bytes',
  ]);
  expect(sentences(secretKind, { data: { x: 'YWFh'.repeat(350_000) } })).toEqual([
    'data: Too long: may not be more than 1048576 bytes',
  ]);
});

test('types of secrets ask for their keys', () => {
  expect([
    sentences(secretKind, { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }),
    sentences(secretKind, { type: 'kubernetes.io/basic-auth', data: { username: 'YQ==' } }),
    sentences(secretKind, { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{}' } }),
  ]).toEqual([['data[tls.key]: Required value'], [], []]);
});

test('immutable means immutable', () => {
  const old = { immutable: true, data: { a: '1' } } as KubernetesObject;
  const found = configMapKind.validateUpdate({ data: { a: '2' } } as KubernetesObject, old);
  expect(found.map((error) => `${error.field}: ${error.message}`)).toEqual([
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ]);
});

test('a namespace is born active, named by a label and held by a finalizer that updates keep', () => {
  const born = namespaceKind.applyDefaults(namespaceKind.prepareForCreate({ metadata: { name: 'shop' } }, CONTEXT));
  expect(born).toEqual({
    metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
  const updated = namespaceKind.prepareForUpdate({ metadata: { name: 'shop' } }, born, CONTEXT);
  expect(updated).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
});
