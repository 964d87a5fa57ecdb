import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { authenticateCertificate } from './authenticate.ts';
import { ensurePki, type PkiOptions } from './pki.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pki-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function options(more: Partial<PkiOptions> = {}): PkiOptions {
  return { folder: join(folder, 'pki'), kubeconfig: join(folder, 'kubeconfig'), ...more };
}

test('the first call issues everything, the second one nothing', async () => {
  const first = await ensurePki(options());
  const second = await ensurePki(options());
  expect(first.issued.map((line) => line.split(':')[0])).toEqual(['ca', 'serving', 'admin', 'service-account']);
  expect(second).toEqual({ ...first, issued: [] });
});

test('the serving certificate covers the names under which the API is known', async () => {
  const { serving, authority } = await ensurePki(options({ extraNames: ['box.example', '192.0.2.7'] }));
  const certificate = new X509Certificate(serving.certificate);
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  for (const name of ['localhost', 'kubernetes.default.svc.cluster.local', 'box.example']) {
    expect(certificate.checkHost(name)).toBe(name);
  }
  for (const address of ['127.0.0.1', '10.43.0.1', '192.0.2.7']) expect(certificate.checkIP(address)).toBe(address);
});

test('a new address re-issues the serving certificate only', async () => {
  const before = await ensurePki(options());
  const after = await ensurePki(options({ extraNames: ['192.0.2.9'] }));
  expect(after.issued).toEqual(['serving: does not cover 192.0.2.9']);
  expect(after.admin).toEqual(before.admin);
});

test('certificates are renewed when a third of their life is left, by the same authority', async () => {
  const before = await ensurePki(options());
  const later = new Date(Date.now() + 300 * 24 * 3600 * 1000);
  const after = await ensurePki(options({ now: () => later }));
  expect(after.issued).toEqual(['serving: expires soon', 'admin: expires soon']);
  expect(after.authority).toEqual(before.authority);
});

test('a clock that stands years back keeps every certificate', async () => {
  await ensurePki(options());
  const past = await ensurePki(options({ now: () => new Date('2021-01-01T00:00:00Z') }));
  expect(past.issued).toEqual([]);
});

test('keys and kubeconfig are readable by the owner only', async () => {
  const { admin } = await ensurePki(options({ server: 'https://192.0.2.1:6443' }));
  const files = ['pki/ca.key', 'pki/serving.key', 'pki/admin.key', 'pki/service-account.key', 'kubeconfig'];
  const modes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).mode & 0o777));
  expect(modes).toEqual(files.map(() => 0o600));
  const kubeconfig = await readFile(join(folder, 'kubeconfig'), 'utf8');
  expect(kubeconfig).toContain('server: "https://192.0.2.1:6443"');
  expect(kubeconfig).toContain(Buffer.from(admin.certificate).toString('base64'));
});

test('the admin certificate authenticates as kubernetes-admin of system:masters', async () => {
  const { admin } = await ensurePki(options());
  expect(authenticateCertificate({ certificate: new X509Certificate(admin.certificate) })).toEqual({
    name: 'kubernetes-admin',
    uid: '',
    groups: ['system:masters', 'system:authenticated'],
    extra: {},
  });
});
