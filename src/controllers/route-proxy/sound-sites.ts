import type { ProxySite } from '../../../translators/host/proxy/site.ts';
import type { Refusal } from '../../../translators/host/proxy/sites.ts';

/** Those that can be served together, and why the others can't, by owner. */
export interface Judgement {
  readonly sound: readonly ProxySite[];
  readonly refusals: ReadonlyMap<string, Refusal>;
}

/**
 * Finds the sites that HAProxy doesn't take, by halves: one check when all is well, a few per offender otherwise.
 * Rejects when HAProxy takes not even nothing: then it is not a site's fault.
 */
export async function soundSites(
  sites: readonly ProxySite[],
  check: (chosen: readonly ProxySite[]) => Promise<string | undefined>,
): Promise<Judgement> {
  const complaint = await check(sites);
  if (complaint === undefined) return { sound: sites, refusals: new Map() };
  const alone = await check([]);
  if (alone !== undefined) throw new Error(`haproxy refuses a configuration without any site: ${alone}`);
  const refusals = new Map<string, Refusal>();
  await blame(sites, complaint, { check, refusals });
  return { sound: sites.filter(({ owner }) => !refusals.has(owner)), refusals };
}

interface Search {
  readonly check: (chosen: readonly ProxySite[]) => Promise<string | undefined>;
  readonly refusals: Map<string, Refusal>;
}

async function blame(sites: readonly ProxySite[], complaint: string, search: Search): Promise<void> {
  const [only] = sites;
  if (only !== undefined && sites.length === 1) {
    search.refusals.set(only.owner, { reason: 'ExtendedValidationFailed', message: complaint });
    return;
  }
  const middle = Math.ceil(sites.length / 2);
  for (const half of [sites.slice(0, middle), sites.slice(middle)]) {
    const found = half.length === 0 ? undefined : await search.check(half);
    if (found !== undefined) await blame(half, found, search);
  }
}
