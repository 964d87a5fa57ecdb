/** Something that wants a host and a path. */
export interface Claimant {
  /** `Route shop/web` */
  readonly owner: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** RFC 3339. */
  readonly created: string;
  /** It is served already: of two that were made in the same second, this one stays. */
  readonly admitted: boolean;
  /** Host and path pairs; the host as the rules have it. */
  readonly wants: readonly { readonly host: string; readonly path: string }[];
}

/** Who may not have what it wants: the owner with the reason, in words. */
export type Refusals = ReadonlyMap<string, string>;

/**
 * Who is first gets it: a host belongs to the namespace of the oldest claimant, a path on it to the oldest one there.
 * Claimants without a host share it with everybody.
 */
export function refuseClaims(claimants: readonly Claimant[]): Refusals {
  const hosts = new Map<string, string>();
  const paths = new Map<string, Claimant>();
  const refusals = new Map<string, string>();
  for (const claimant of [...claimants].sort(byAge)) {
    const refusal = claimant.wants.map((want) => conflict(claimant, want, { hosts, paths })).find(Boolean);
    if (refusal !== undefined) {
      refusals.set(claimant.owner, refusal);
      continue;
    }
    for (const { host, path } of claimant.wants) {
      hosts.set(host, claimant.namespace);
      if (!paths.has(`${host} ${path}`)) paths.set(`${host} ${path}`, claimant);
    }
  }
  return refusals;
}

interface Taken {
  readonly hosts: ReadonlyMap<string, string>;
  readonly paths: ReadonlyMap<string, Claimant>;
}

function conflict(
  { namespace, name, kind }: Claimant,
  { host, path }: Claimant['wants'][number],
  { hosts, paths }: Taken,
): string | undefined {
  if (host === '*') return undefined;
  const holder = hosts.get(host);
  if (holder !== undefined && holder !== namespace) {
    return `a route in another namespace holds ${host} and is older than ${name}`;
  }
  // Several rules of Ingresses may share a path; the oldest is used.
  const first = paths.get(`${host} ${path}`);
  return first === undefined || kind !== 'Route'
    ? undefined
    : `route ${first.name} already exposes ${host} and is older`;
}

function byAge(a: Claimant, b: Claimant): number {
  if (a.created !== b.created) return a.created < b.created ? -1 : 1;
  if (a.admitted !== b.admitted) return a.admitted ? -1 : 1;
  return a.owner < b.owner ? -1 : 1;
}
