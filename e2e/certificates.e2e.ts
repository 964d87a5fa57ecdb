import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateSigningRequest } from '../src/kinds/types.ts';
import { eventually } from './harness.ts';
import { apply, getObject, remove, run } from './pods.ts';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quadshift-certificates-'));
});

afterAll(async () => {
  await remove('csr', 'jane', 'mallory');
  await rm(folder, { recursive: true });
});

/** Sends a request of a new key for the subject; resolves to the key, PKCS #8. */
async function request(name: string, subject: string): Promise<Buffer> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const pem = await Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm: ALGORITHM });
  const spec = { request: btoa(pem.toString('pem')), signerName: CLIENT_SIGNER, usages: ['client auth'] };
  const type = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' };
  await apply(JSON.stringify({ ...type, metadata: { name }, spec }));
  return Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
}

/** Waits until the request's condition is shown so. */
async function untilShown(name: string, condition: RegExp): Promise<void> {
  await eventually(async () => expect(await run('get', 'csr', name, '--no-headers')).toMatch(condition), {
    what: `the request is ${condition}`,
  });
}

describe('certificates', () => {
  it('are signed when they are approved, and say who comes with them', async () => {
    const key = await request('jane', 'CN=jane, O=dev');
    expect(await run('certificate', 'approve', 'jane')).toContain('jane approved');
    await untilShown('jane', / Approved,Issued$/m);
    const { status } = await getObject<CertificateSigningRequest>('csr', 'jane');
    const [certificate, secret] = [join(folder, 'jane.crt'), join(folder, 'jane.key')];
    await writeFile(certificate, Buffer.from(status?.certificate ?? '', 'base64'));
    await writeFile(secret, `-----BEGIN PRIVATE KEY-----\n${key.toString('base64')}\n-----END PRIVATE KEY-----\n`);
    const kubeconfig = join(folder, 'jane.kubeconfig');
    await writeFile(kubeconfig, await run('config', 'view', '--raw'));
    await run(
      'config',
      `--kubeconfig=${kubeconfig}`,
      'set-credentials',
      'jane',
      `--client-certificate=${certificate}`,
      `--client-key=${secret}`,
    );
    await run('config', `--kubeconfig=${kubeconfig}`, 'set-context', '--current', '--user=jane');
    const who = await run(`--kubeconfig=${kubeconfig}`, 'auth', 'whoami');
    expect(who).toMatch(/^Username +jane$/m);
    expect(who).toMatch(/^Groups +\[dev system:authenticated\]$/m);
  });

  it('are not for who was denied, nor for the highest group', async () => {
    await request('mallory', 'CN=mallory');
    await run('certificate', 'deny', 'mallory');
    await untilShown('mallory', / Denied$/m);
    await expect(request('eve', 'CN=eve, O=system:masters')).rejects.toThrow(
      'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
  });
});
