import { afterEach, expect, test } from 'vitest';
import { decodeBase64Text, encodeBase64 } from '../kinds/base64.ts';
import { catalogue } from '../kinds/catalogue.ts';
import type { CertificateSigningRequest } from '../kinds/types.ts';
import { createFakeRegistry } from '../registry/fake-registry.ts';
import { certificateSigning, type Sign } from './certificate-signing.ts';
import { createFakeClock } from './fake-clock.ts';
import { kindOf } from './resources.ts';
import { startRuntime } from './runtime.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const PEM = '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n';
const OURS = 'kubernetes.io/kube-apiserver-client';

let stop = new AbortController();
afterEach(() => stop.abort());

/** Sends a request to a signer and decides on it; resolves to its status. */
async function decide(signerName: string, sign: Sign, ...decisions: readonly string[]) {
  stop = new AbortController();
  const registry = createFakeRegistry(catalogue);
  const clock = createFakeClock();
  const controller = certificateSigning({ registry, clock, isOurs: (name) => name === OURS, sign });
  const runtime = startRuntime([controller], { registry, clock, log, signal: stop.signal });
  const kind = kindOf(registry, 'certificates.k8s.io/certificatesigningrequests');
  const spec = { request: encodeBase64(PEM), signerName, usages: ['client auth'] };
  const { entry } = await registry.create(kind, { metadata: { name: 'jane' }, spec });
  await runtime.idle();
  const conditions = decisions.map((type) => ({ type, status: 'True', reason: 'Test' }));
  const decided = { ...entry.object, status: { conditions } };
  await registry.update(kind, { namespace: '', name: 'jane' }, decided, { subresource: 'approval' });
  await runtime.idle();
  return (registry.get(kind, { namespace: '', name: 'jane' }).object as CertificateSigningRequest).status;
}

const signs: Sign = async ({ request }) => ({ ok: true, certificate: `signed ${request}` });
const refuses: Sign = async () => ({ ok: false, reason: 'not you' });

test('what was approved is signed', async () => {
  const status = await decide(OURS, signs, 'Approved');
  expect(decodeBase64Text(status?.certificate ?? '')).toBe(`signed ${PEM}`);
  expect(status?.conditions?.map(({ type }) => type)).toEqual(['Approved']);
});

test('what was denied, not decided, or is for another signer is left alone', async () => {
  expect((await decide(OURS, signs, 'Denied'))?.certificate).toBeUndefined();
  expect((await decide(OURS, signs))?.certificate).toBeUndefined();
  expect((await decide('example.com/other', signs, 'Approved'))?.certificate).toBeUndefined();
});

test('what the signer refuses has failed, with the reason', async () => {
  const status = await decide(OURS, refuses, 'Approved');
  expect(status?.certificate).toBeUndefined();
  expect(status?.conditions?.at(-1)).toMatchObject({
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message: 'not you',
  });
});
