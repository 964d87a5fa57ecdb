import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LEAF_LIFE_MS, whyReissue } from './certificate-health.ts';
import { type Subjects, servingSubjects } from './host-addresses.ts';
import type { KeyPair, LeafRequest } from './issue-certificate.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { writeDurably } from './write-durably.ts';

/** Where the certificates live and what they have to cover. */
export interface PkiOptions {
  /** Folder of the keys, e.g. `/var/lib/quadshift/pki`. */
  readonly folder: string;
  /** The admin's kubeconfig, e.g. `/var/lib/quadshift/kubeconfig`. */
  readonly kubeconfig: string;
  /** Server URL for the kubeconfig. Default `https://127.0.0.1:6443`. */
  readonly server?: string;
  /** Default `cluster.local`. */
  readonly clusterDomain?: string;
  /** Addresses of the `kubernetes` Service. Default 10.43.0.1. */
  readonly serviceAddresses?: readonly string[];
  /** More names or addresses under which the API is reached. */
  readonly extraNames?: readonly string[];
  /** The clock. */
  readonly now?: () => Date;
}

/** The house's keys and certificates, PEM throughout. */
export interface Pki {
  readonly authority: KeyPair;
  readonly serving: KeyPair;
  readonly admin: KeyPair;
  /** Signs ServiceAccount tokens (ES256). */
  readonly serviceAccount: { readonly publicKey: string; readonly privateKey: string };
  /** What was (re-)issued by this call and why, for the log: `serving: does not cover 10.0.0.5`. */
  readonly issued: readonly string[];
}

/** Backdated beginning of every certificate, so that a clock that jumps back doesn't invalidate them. */
const NOT_BEFORE = new Date('2000-01-01T00:00:00Z');
const AUTHORITY_NOT_AFTER = new Date('2120-01-01T00:00:00Z');

/**
 * Reads the keys and certificates, issuing what is absent, near its end, or doesn't cover the host's current
 * names and addresses. Idempotent and cheap when nothing is to be done: call it at start, when addresses
 * change, and daily. Files are 0600 and replaced atomically.
 */
export async function ensurePki(options: PkiOptions): Promise<Pki> {
  const now = (options.now ?? (() => new Date()))();
  const issued: string[] = [];
  const authority = await ensureAuthority(options.folder, issued);
  const ensure = async (name: string, request: Omit<LeafRequest, 'notBefore' | 'notAfter'>): Promise<KeyPair> => {
    const stored = await readPair(options.folder, name);
    const why = whyReissue(stored, { authority: authority.certificate, now, subjects: request.subjects });
    if (why === undefined && stored !== undefined) return stored;
    issued.push(`${name}: ${why}`);
    return issueAndStore(options.folder, name, authority, { ...request, ...validity(now) });
  };
  const serving = await ensure('serving', { subject: 'CN=quadshift', usage: 'server', subjects: subjectsOf(options) });
  const admin = await ensure('admin', { subject: 'O=system:masters, CN=kubernetes-admin', usage: 'client' });
  const serviceAccount = await ensureSigningKey(options.folder, issued);
  await ensureKubeconfig(options, authority, admin);
  return { authority, serving, admin, serviceAccount, issued };
}

function subjectsOf(options: PkiOptions): Subjects {
  return servingSubjects({
    clusterDomain: options.clusterDomain ?? 'cluster.local',
    serviceAddresses: options.serviceAddresses ?? ['10.43.0.1'],
    extraNames: options.extraNames,
  });
}

/** The life of a leaf certificate that is issued now. */
export function validity(now: Date): { notBefore: Date; notAfter: Date } {
  const notBefore = now < NOT_BEFORE ? now : NOT_BEFORE;
  return { notBefore, notAfter: new Date(now.getTime() + LEAF_LIFE_MS) };
}

async function ensureAuthority(folder: string, issued: string[]): Promise<KeyPair> {
  const stored = await readPair(folder, 'ca');
  if (stored !== undefined) return stored;
  issued.push('ca: absent');
  return issueAuthorityAs(folder, 'ca', 'CN=quadshift-ca');
}

async function issueAuthorityAs(folder: string, name: string, subject: string): Promise<KeyPair> {
  const { issueAuthority } = await import('./issue-certificate.ts');
  const pair = await issueAuthority(subject, NOT_BEFORE, AUTHORITY_NOT_AFTER);
  await writePair(folder, name, pair);
  return pair;
}

/** An authority beside the house's own, kept as `<name>.crt` and `<name>.key`; made when it isn't there. */
export async function storeAuthority(folder: string, name: string): Promise<KeyPair> {
  return (await readPair(folder, name)) ?? (await issueAuthorityAs(folder, name, `CN=quadshift-${name}`));
}

/** Issues a leaf and keeps it as `<name>.crt` and `<name>.key`. */
export async function issueAndStore(
  folder: string,
  name: string,
  authority: KeyPair,
  request: LeafRequest,
): Promise<KeyPair> {
  const { issueLeaf } = await import('./issue-certificate.ts');
  const pair = await issueLeaf(authority, request);
  await writePair(folder, name, pair);
  return pair;
}

async function ensureSigningKey(folder: string, issued: string[]): Promise<Pki['serviceAccount']> {
  const privatePath = join(folder, 'service-account.key');
  const publicPath = join(folder, 'service-account.pub');
  const [privateKey, publicKey] = await Promise.all([readIfThere(privatePath), readIfThere(publicPath)]);
  if (privateKey !== undefined && publicKey !== undefined) return { privateKey, publicKey };
  issued.push('service-account: absent');
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeDurably(privatePath, pair.privateKey);
  await writeDurably(publicPath, pair.publicKey);
  return pair;
}

async function ensureKubeconfig(options: PkiOptions, authority: KeyPair, client: KeyPair): Promise<void> {
  const server = options.server ?? 'https://127.0.0.1:6443';
  const wanted = renderKubeconfig({ server, authority: authority.certificate, client });
  if ((await readIfThere(options.kubeconfig)) !== wanted) await writeDurably(options.kubeconfig, wanted);
}

/** Key first: a certificate without its key is never seen as a pair. */
async function writePair(folder: string, name: string, pair: KeyPair): Promise<void> {
  await writeDurably(join(folder, `${name}.key`), pair.key);
  await writeDurably(join(folder, `${name}.crt`), pair.certificate);
}

/** The stored pair of that name; undefined when a part of it is missing. */
export async function readPair(folder: string, name: string): Promise<KeyPair | undefined> {
  const key = await readIfThere(join(folder, `${name}.key`));
  const certificate = await readIfThere(join(folder, `${name}.crt`));
  return key === undefined || certificate === undefined ? undefined : { key, certificate };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
