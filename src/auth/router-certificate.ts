import { whyReissue } from './certificate-health.ts';
import type { KeyPair } from './issue-certificate.ts';
import { issueAndStore, readPair, validity } from './pki.ts';

/** What the router serves where a host has no certificate of its own. */
export interface RouterCertificate extends KeyPair {
  /** Certificate of the authority that signed it. */
  readonly authority: string;
}

/**
 * The router's own certificate, for the hosts below `domain`; issued when it is absent, near its end or for another
 * domain. Rejects when there is no authority yet. Cheap when nothing is to be done.
 */
export async function ensureRouterCertificate(folder: string, domain: string, now: Date): Promise<RouterCertificate> {
  const authority = await readPair(folder, 'ca');
  if (authority === undefined) throw new Error(`there is no authority in ${folder}: it is made when the API starts`);
  const subjects = { names: [`*.${domain}`, domain], addresses: [] };
  const stored = await readPair(folder, 'router');
  // A wildcard covers every name of one label more, and none is checked as itself.
  const probed = { names: [`any.${domain}`, domain], addresses: [] };
  const why = whyReissue(stored, { authority: authority.certificate, now, subjects: probed });
  const request = { subject: 'CN=quadshift-router', usage: 'server', subjects, ...validity(now) } as const;
  const pair = why === undefined && stored ? stored : await issueAndStore(folder, 'router', authority, request);
  return { ...pair, authority: authority.certificate };
}
