import { webcrypto, X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { issueAuthority, type KeyPair, loadLibrary } from './issue-certificate.ts';
import { type Signed, type SigningRequest, signRequest } from './sign-request.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const CLIENT = 'kubernetes.io/kube-apiserver-client';
const SERVING = 'kubernetes.io/kubelet-serving';

let authority: KeyPair;

beforeAll(async () => {
  authority = await issueAuthority('CN=test-ca', new Date('2020-01-01'), new Date('2120-01-01'));
});

/** A signing request of a new key; `names` are its subject alternative names. */
async function requestFor(name: string, names: readonly string[] = []): Promise<string> {
  const library = await loadLibrary();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const alternatives = names.map((value) => ({ type: 'dns' as const, value }));
  const extensions = names.length === 0 ? [] : [new library.SubjectAlternativeNameExtension(alternatives)];
  const request = await library.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions,
  });
  return request.toString('pem');
}

async function sign(subject: string, more: Partial<SigningRequest> & { names?: readonly string[] }): Promise<Signed> {
  const { names = [], ...rest } = more;
  const request = await requestFor(subject, names);
  return signRequest(authority, { request, signerName: CLIENT, usages: ['client auth'], ...rest }, NOW);
}

function certificateOf(signed: Signed): X509Certificate {
  if (!signed.ok) throw new Error(signed.reason);
  return new X509Certificate(signed.certificate);
}

test('a client gets a certificate of its own name for as long as it asks', async () => {
  const certificate = certificateOf(await sign('CN=jane, O=dev', { expirationSeconds: 3600 }));
  expect(certificate.subject).toBe('CN=jane\nO=dev');
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  expect([from - NOW, to - from]).toEqual([-5 * 60_000, 3_600_000]);
});

test('a kubelet gets a certificate for its names', async () => {
  const usages = ['digital signature', 'server auth'];
  const signed = await sign('CN=system:node:host, O=system:nodes', {
    signerName: SERVING,
    usages,
    names: ['host.lan'],
  });
  const certificate = certificateOf(signed);
  expect([certificate.subjectAltName, certificate.keyUsage]).toEqual(['DNS:host.lan', ['1.3.6.1.5.5.7.3.1']]);
});

test.each([
  ['invalid usage for client certificate: server auth', 'CN=jane', { usages: ['client auth', 'server auth'] }],
  ['missing required usage for client certificate: client auth', 'CN=jane', { usages: ['digital signature'] }],
  [`use of ${CLIENT} signer with system:masters group is not allowed`, 'CN=jane, O=system:masters', {}],
  ['subject organization is not system:nodes', 'CN=system:node:host', { signerName: SERVING }],
  ['subject common name does not begin with system:node:', 'CN=host, O=system:nodes', { signerName: SERVING }],
  ['DNS or IP subjectAltName is required', 'CN=system:node:host, O=system:nodes', { signerName: SERVING }],
  [
    'usages did not match [digital signature key encipherment server auth]',
    'CN=system:node:host, O=system:nodes',
    { signerName: SERVING, names: ['host.lan'], usages: ['client auth', 'digital signature'] },
  ],
  [
    'DNS subjectAltNames are not allowed',
    'CN=system:node:host, O=system:nodes',
    { signerName: `${CLIENT}-kubelet`, names: ['host.lan'], usages: ['client auth', 'digital signature'] },
  ],
])('it is refused: %s', async (reason, subject, more) => {
  expect(await sign(subject, more)).toEqual({ ok: false, reason });
});

test('a request that its own key has not signed is refused', async () => {
  const request = '-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n';
  const signed = await signRequest(authority, { request, signerName: CLIENT, usages: ['client auth'] }, NOW);
  expect(signed).toEqual({ ok: false, reason: 'unable to verify certificate request signature' });
});
