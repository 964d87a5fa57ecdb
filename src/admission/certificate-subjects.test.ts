import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { expect, test } from 'vitest';
import { certificateSigningRequestKind } from '../kinds/certificates/certificate-signing-request.ts';
import { organizationsOf } from '../kinds/certificates/request-organizations.ts';
import { certificateSubjects } from './certificate-subjects.ts';

async function requestOf(name: string): Promise<string> {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  return btoa((await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm })).toString('pem'));
}

const CLIENT = 'kubernetes.io/kube-apiserver-client';

async function refused(name: string, signerName = CLIENT, operation = 'CREATE') {
  const object = { metadata: { name: 'mine' }, spec: { request: await requestOf(name), signerName } };
  const request = { kind: certificateSigningRequestKind, key: { name: 'mine' }, subresource: '', operation, object };
  return certificateSubjects.validate?.(request as never, {} as never)?.status.message;
}

test('the organizations of a request are read, and what is no request says nothing', async () => {
  const long = 'x'.repeat(300);
  expect(organizationsOf(await requestOf(`CN=jane, O=dev, O=${long}, OU=system:masters`))).toEqual(['dev', long]);
  expect(organizationsOf(await requestOf('CN=jane'))).toEqual([]);
  const cut = atob(await requestOf('CN=jane, O=dev')).replace(/\n.*\n-----END/, '\n-----END');
  for (const nothing of ['', '!', btoa('text'), btoa(cut)]) expect(() => organizationsOf(nothing)).not.toThrow();
  expect(organizationsOf(btoa('text'))).toBeUndefined();
});

test('nobody asks the client signer to be a master', async () => {
  expect(await refused('CN=eve, O=dev, O=system:masters')).toBe(
    `certificatesigningrequests.certificates.k8s.io "mine" is forbidden: use of ${CLIENT} signer with system:masters group is not allowed`,
  );
  expect(await refused('CN=eve, O=dev')).toBeUndefined();
  expect(await refused('CN=eve, O=system:masters', 'example.com/any')).toBeUndefined();
});
