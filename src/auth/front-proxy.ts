import { whyReissue } from './certificate-health.ts';
import type { KeyPair, LeafRequest } from './issue-certificate.ts';
import { issueAndStore, readPair, storeAuthority, validity } from './pki.ts';

/** Whom extension API servers believe when it tells them who asks. */
export interface FrontProxy {
  readonly authority: string;
  readonly client: KeyPair;
}

/** Name of the client certificate: the only one that is believed. */
export const FRONT_PROXY_CLIENT = 'front-proxy-client';

/**
 * Reads the keys of the front proxy, issuing what is absent or near its end. Its authority is its own: a certificate
 * of the house's users must never pass for it.
 */
export async function ensureFrontProxy(folder: string, now: Date): Promise<FrontProxy> {
  const authority = await storeAuthority(folder, 'front-proxy-ca');
  const stored = await readPair(folder, FRONT_PROXY_CLIENT);
  const why = whyReissue(stored, { authority: authority.certificate, now });
  if (why === undefined && stored !== undefined) return { authority: authority.certificate, client: stored };
  const request: LeafRequest = { subject: `CN=${FRONT_PROXY_CLIENT}`, usage: 'client', ...validity(now) };
  const client = await issueAndStore(folder, FRONT_PROXY_CLIENT, authority, request);
  return { authority: authority.certificate, client };
}
