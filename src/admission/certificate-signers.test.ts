import { expect, test } from 'vitest';
import { certificateSigningRequestKind } from '../kinds/certificates/certificate-signing-request.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { certificateSigners, type SignerAccess } from './certificate-signers.ts';
import type { AdmissionRequest } from './plugin.ts';

const lookup = { get: () => undefined, list: () => [] };
const asked: string[] = [];
const plugin = certificateSigners(() => ({ user, verb, signer }: SignerAccess) => {
  asked.push(`${verb} ${signer}`);
  return user.groups.includes(`${verb} ${signer}`);
});

function write(subresource: string, status: object, rights: readonly string[]): number | undefined {
  const old = { metadata: { name: 'web' }, spec: { signerName: 'example.com/web', request: '' }, status: {} };
  const request = {
    operation: 'UPDATE',
    kind: certificateSigningRequestKind,
    key: { namespace: '', name: 'web' },
    object: { ...old, status } as KubernetesObject,
    old,
    subresource,
    user: { name: 'eve', groups: rights },
  } as unknown as AdmissionRequest;
  return plugin.validate?.(request, lookup)?.status.code;
}

test('approving needs the right to approve for that signer, or for all of its domain', () => {
  expect(write('approval', {}, [])).toBe(403);
  expect(asked.splice(0)).toEqual(['approve example.com/web', 'approve example.com/*']);
  expect(write('approval', {}, ['approve example.com/web'])).toBeUndefined();
  expect(write('approval', {}, ['approve example.com/*'])).toBeUndefined();
  expect(write('approval', {}, ['sign example.com/web'])).toBe(403);
});

test('a certificate or a condition in the status needs the right to sign, anything else does not', () => {
  expect(write('status', { certificate: 'pem' }, [])).toBe(403);
  expect(write('status', { certificate: 'pem' }, ['sign example.com/web'])).toBeUndefined();
  expect(write('status', {}, [])).toBeUndefined();
  expect(write('', { certificate: 'pem' }, [])).toBeUndefined();
});
