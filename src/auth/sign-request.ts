import type * as x509 from '@peculiar/x509';
import { importKey, type KeyPair, loadLibrary, pem, serialNumber } from './issue-certificate.ts';
import { type CertificateWish, refusalOf } from './signers.ts';

/** A certificate signing request as a client has sent it. */
export interface SigningRequest {
  /** PKCS #10, PEM. */
  readonly request: string;
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
}

/** The certificate in PEM, or why there is none. */
export type Signed =
  | { readonly ok: true; readonly certificate: string }
  | { readonly ok: false; readonly reason: string };

const BACKDATED_MS = 5 * 60_000;
const SHORTEST_MS = 10 * 60_000;
const LONGEST_MS = 365 * 24 * 3600 * 1000;

/**
 * Signs a request with the authority when the rules of its signer allow it (`kube-controller-manager`'s signers). The
 * subject and its alternative names are the request's; who may have them was decided by its approval.
 */
export async function signRequest(authority: KeyPair, wanted: SigningRequest, now: number): Promise<Signed> {
  const library = await loadLibrary();
  const request = await readRequest(library, wanted.request);
  if (request === undefined) return { ok: false, reason: 'unable to verify certificate request signature' };
  const alternatives = request.extensions.find((each) => each instanceof library.SubjectAlternativeNameExtension);
  const reason = refusalOf(wishOf(request, wanted, alternatives));
  if (reason !== undefined) return { ok: false, reason };
  const issuer = new library.X509Certificate(authority.certificate);
  const certificate = await library.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    issuer: issuer.subject,
    subject: request.subjectName,
    ...validity(wanted.expirationSeconds, now, issuer.notAfter.getTime()),
    publicKey: request.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      ...(await usageExtensions(library, wanted.usages)),
      new library.BasicConstraintsExtension(false, undefined, true),
      await library.AuthorityKeyIdentifierExtension.create(issuer),
      ...(alternatives === undefined ? [] : [alternatives]),
    ],
  });
  return { ok: true, certificate: pem(certificate.toString('pem')) };
}

/** The request when it is one and signed by its own key. */
async function readRequest(library: typeof x509, text: string): Promise<x509.Pkcs10CertificateRequest | undefined> {
  try {
    const request = new library.Pkcs10CertificateRequest(text);
    return (await request.verify()) ? request : undefined;
  } catch {
    return undefined;
  }
}

function wishOf(
  { subjectName }: x509.Pkcs10CertificateRequest,
  { signerName, usages }: SigningRequest,
  alternatives: x509.SubjectAlternativeNameExtension | undefined,
): CertificateWish {
  return {
    signerName,
    usages,
    organizations: subjectName.getField('O'),
    commonName: subjectName.getField('CN').at(-1) ?? '',
    alternatives: alternatives?.names.items.map(({ type }) => type) ?? [],
  };
}

function validity(expirationSeconds: number | undefined, now: number, authorityEnd: number) {
  const wanted = expirationSeconds === undefined ? LONGEST_MS : expirationSeconds * 1000;
  const life = Math.min(Math.max(wanted, SHORTEST_MS), LONGEST_MS);
  const notAfter = new Date(Math.min(now - BACKDATED_MS + life, authorityEnd));
  return { notBefore: new Date(now - BACKDATED_MS), notAfter };
}

async function usageExtensions(library: typeof x509, usages: readonly string[]): Promise<x509.Extension[]> {
  const { KeyUsageFlags, ExtendedKeyUsage } = library;
  const signature = usages.includes('digital signature') ? KeyUsageFlags.digitalSignature : 0;
  const encipherment = usages.includes('key encipherment') ? KeyUsageFlags.keyEncipherment : 0;
  const purposes = [
    ...(usages.includes('client auth') ? [ExtendedKeyUsage.clientAuth] : []),
    ...(usages.includes('server auth') ? [ExtendedKeyUsage.serverAuth] : []),
  ];
  const flags = signature | encipherment;
  return [
    ...(flags === 0 ? [] : [new library.KeyUsagesExtension(flags, true)]),
    new library.ExtendedKeyUsageExtension(purposes),
  ];
}
