import { decodeBase64Text } from '../../../src/kinds/base64.ts';
import type { Secret } from '../../../src/kinds/types.ts';
import { parsePem } from '../../formats/haproxy.ts';

/** Says what is wrong with a certificate (chain) and its key; undefined when they fit and are in their time. */
export type PairInspector = (certificates: readonly string[], key: string) => string | undefined;

/** Says what is wrong with certificates of authorities; undefined when they can be read. */
export type AuthorityInspector = (certificates: readonly string[]) => string | undefined;

/** Looks at certificates. */
export interface Inspectors {
  readonly pair: PairInspector;
  /** For what is served already: a time that has run out is no reason to serve nothing. */
  readonly livePair: PairInspector;
  readonly authorities: AuthorityInspector;
}

/** A PEM as the router takes it, or what is wrong. */
export type PemFinding = { readonly pem: string } | { readonly refusal: string };

/** Chain and key in one PEM. Only the first key counts. */
export function joinPair(certificate: string, key: string, inspect: PairInspector): PemFinding {
  const { certificates } = parsePem(certificate);
  const [found] = parsePem(key).keys;
  if (certificates.length === 0) return { refusal: 'the certificate is no PEM' };
  if (found === undefined) return { refusal: 'the key is no unencrypted PEM' };
  const refusal = inspect(certificates, found);
  return refusal === undefined ? { pem: [...certificates, found].join('') } : { refusal };
}

/** Authorities in one PEM. */
export function joinAuthorities(text: string, inspect: AuthorityInspector): PemFinding {
  const { certificates } = parsePem(text);
  if (certificates.length === 0) return { refusal: 'the certificate is no PEM' };
  const refusal = inspect(certificates);
  return refusal === undefined ? { pem: certificates.join('') } : { refusal };
}

/** The pair that a Secret of type `kubernetes.io/tls` holds. */
export function secretPair(secret: Secret | undefined, inspect: PairInspector): PemFinding {
  if (secret === undefined) return { refusal: 'the secret does not exist' };
  const { 'tls.crt': certificate, 'tls.key': key } = secret.data ?? {};
  if (!certificate || !key) return { refusal: 'the secret has no tls.crt and tls.key' };
  return joinPair(decodeBase64Text(certificate) ?? '', decodeBase64Text(key) ?? '', inspect);
}
