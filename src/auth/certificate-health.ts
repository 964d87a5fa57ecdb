import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Subjects } from './host-addresses.ts';
import type { KeyPair } from './issue-certificate.ts';

/** What a stored certificate has to satisfy to be kept. */
export interface Requirement {
  /** PEM of the authority that must have signed it. */
  readonly authority: string;
  readonly now: Date;
  readonly subjects?: Subjects;
}

/**
 * Why a stored pair can't be kept, in words for the log; undefined when it can. Uses the runtime's own X.509
 * reader, which costs microseconds. A pair is renewed when a third of its life is left, or when the clock
 * stands before its beginning.
 */
export function whyReissue(pair: KeyPair | undefined, requirement: Requirement): string | undefined {
  if (pair === undefined) return 'absent';
  try {
    const certificate = new X509Certificate(pair.certificate);
    if (!certificate.checkPrivateKey(createPrivateKey(pair.key))) return 'key and certificate differ';
    if (!certificate.verify(new X509Certificate(requirement.authority).publicKey)) return 'signed by another authority';
    return whyExpired(certificate, requirement.now) ?? whyUncovered(certificate, requirement.subjects);
  } catch {
    return 'unreadable';
  }
}

function whyExpired(certificate: X509Certificate, now: Date): string | undefined {
  const start = certificate.validFromDate.getTime();
  const end = certificate.validToDate.getTime();
  if (now.getTime() < start) return 'not valid yet';
  // The beginning is backdated to survive clock jumps, so the life is counted from the constant below.
  return end - now.getTime() < LEAF_LIFE_MS / 3 ? 'expires soon' : undefined;
}

/** Life of a leaf certificate: one year. */
export const LEAF_LIFE_MS = 365 * 24 * 3600 * 1000;

function whyUncovered(certificate: X509Certificate, subjects: Subjects | undefined): string | undefined {
  const name = subjects?.names.find((n) => certificate.checkHost(n, { subject: 'never' }) === undefined);
  if (name !== undefined) return `does not cover ${name}`;
  const address = subjects?.addresses.find((a) => certificate.checkIP(a) === undefined);
  return address === undefined ? undefined : `does not cover ${address}`;
}
