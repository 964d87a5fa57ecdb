import { hostname, networkInterfaces } from 'node:os';

/** Names and addresses that a certificate of this machine has to cover. */
export interface Subjects {
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

/** The machine's current addresses, without link-local ones (they need a scope and nobody dials them). */
export function currentAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address }) => !/^fe[89ab]/i.test(address) && !address.includes('%'))
    .map(({ address }) => address);
}

/**
 * What the API server's certificate covers: the host's own names and addresses as they are now, the names and
 * the address under which pods know the API, and whatever else is configured.
 */
export function servingSubjects(options: {
  readonly clusterDomain: string;
  readonly serviceAddresses: readonly string[];
  readonly extraNames?: readonly string[];
}): Subjects {
  const extra = options.extraNames ?? [];
  const names = ['localhost', hostname(), 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  return {
    names: unique([...names, `kubernetes.default.svc.${options.clusterDomain}`, ...extra.filter((n) => !isAddress(n))]),
    addresses: unique([
      '127.0.0.1',
      '::1',
      ...currentAddresses(),
      ...options.serviceAddresses,
      ...extra.filter(isAddress),
    ]),
  };
}

function isAddress(name: string): boolean {
  return /^[0-9.]+$/.test(name) || name.includes(':');
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== ''))].sort();
}
