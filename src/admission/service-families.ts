import type { ServiceSpec, Sparse } from '../kinds/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import { index, invalidValue } from '../machinery/field-path.ts';
import { familyOf, type IpFamily } from '../machinery/ip.ts';
import { validateClusterIps } from './cluster-ips-validation.ts';

type Spec = Sparse<ServiceSpec>;

const POLICY = 'spec.ipFamilyPolicy';
const MULTIPLE = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";

/** Whether a Service asks for no address of its own. */
export function isHeadless(spec: Spec): boolean {
  return spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None';
}

function isSame(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

function isReduced(now: readonly string[] = [], before: readonly string[] = []): boolean {
  return now.length < before.length;
}

/** A Service that prefers two families isn't given or deprived of one because the cluster has changed meanwhile. */
function isSettled(spec: Spec, old: Spec | undefined): boolean {
  if (old?.ipFamilyPolicy !== 'PreferDualStack' || spec.ipFamilyPolicy !== 'PreferDualStack') return false;
  const same = isSame(spec.clusterIPs, old.clusterIPs) && isSame(spec.ipFamilies, old.ipFamilies);
  return same && (spec.ipFamilies ?? []).length > 0;
}

/** Going back to one family drops what belongs to the second, unless the client changed that itself. */
function withoutSecondary(spec: Spec, old: Spec | undefined): Spec {
  if (old === undefined || spec.ipFamilyPolicy !== 'SingleStack') return spec;
  const first = (now: readonly string[] | undefined, before: readonly string[] | undefined) =>
    now && now.length > 1 && isSame(now, before) ? now.slice(0, 1) : now;
  const clusterIPs = first(spec.clusterIPs, old.clusterIPs);
  const ipFamilies = first(spec.ipFamilies, old.ipFamilies);
  return { ...spec, ...(clusterIPs ? { clusterIPs } : {}), ...(ipFamilies ? { ipFamilies } : {}) };
}

function validateRelease(spec: Spec, old: Spec | undefined): readonly FieldError[] {
  const { ipFamilyPolicy: policy } = spec;
  if (old === undefined || old.type === 'ExternalName' || policy === 'SingleStack') return [];
  const refuse = (what: string) =>
    invalidValue(POLICY, policy, `must be 'SingleStack' to release the secondary ${what}`);
  return [
    ...((spec.clusterIPs ?? []).length > 0 && isReduced(spec.clusterIPs, old.clusterIPs) ? [refuse('cluster IP')] : []),
    ...((spec.ipFamilies ?? []).length > 0 && isReduced(spec.ipFamilies, old.ipFamilies) ? [refuse('IP family')] : []),
  ];
}

function validateSingleStack(spec: Spec): readonly FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return [];
  const refuse = (what: string) => invalidValue(POLICY, spec.ipFamilyPolicy, `${MULTIPLE} ${what} are specified`);
  return [
    ...((spec.clusterIPs ?? []).length === 2 ? [refuse('cluster IPs')] : []),
    ...((spec.ipFamilies ?? []).length === 2 ? [refuse('IP families')] : []),
  ];
}

/** Addresses that were asked for without a family, and whose family isn't there. */
function validateAddressFamilies(spec: Spec, configured: readonly IpFamily[]): readonly FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  return clusterIPs.flatMap((ip, position) => {
    const family = familyOf(ip);
    if (family === undefined || position < ipFamilies.length || configured.includes(family)) return [];
    return [
      invalidValue(index('spec.clusterIPs', position), clusterIPs, `${family} is not configured on this cluster`),
    ];
  });
}

/** Families named, then those of the addresses named. */
function inferred({ ipFamilies = [], clusterIPs = [] }: Spec): readonly string[] {
  return [...ipFamilies, ...clusterIPs.slice(ipFamilies.length).flatMap((ip) => familyOf(ip) ?? [])];
}

function validateConfigured(spec: Spec, configured: readonly IpFamily[]): readonly FieldError[] {
  const demands = spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2;
  const refusal = 'this cluster is not configured for dual-stack services';
  return [
    ...(demands ? [invalidValue(POLICY, spec.ipFamilyPolicy, refusal)] : []),
    ...(spec.ipFamilies ?? []).flatMap((family, position) =>
      configured.includes(family as IpFamily)
        ? []
        : [invalidValue(index('spec.ipFamilies', position), family, 'not configured on this cluster')],
    ),
  ];
}

/** The families, with the other one where two are wanted. */
function completed(spec: Spec, fallback: IpFamily, mayAdd: boolean): readonly string[] {
  const families = spec.ipFamilies?.length ? spec.ipFamilies : [fallback];
  if (families.length > 1 || spec.ipFamilyPolicy === 'SingleStack' || !mayAdd) return families;
  return [...families, families[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
}

/**
 * `initIPFamilyFields`: policy and families filled in, or findings. `configured` are the families of the cluster, its
 * own first. Headless Services without a selector may name families that aren't there.
 */
export function initFamilies(
  spec: Spec,
  old: Spec | undefined,
  configured: readonly IpFamily[],
): Spec | readonly FieldError[] {
  if (isSettled(spec, old)) return spec;
  const fallback = configured[0] ?? 'IPv4';
  const free = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  const policy = spec.ipFamilyPolicy ?? old?.ipFamilyPolicy ?? (free ? 'RequireDualStack' : 'SingleStack');
  const decided: Spec = { ...spec, ipFamilyPolicy: policy };
  const disagreement = validateClusterIps(decided);
  if (disagreement.length > 0) return disagreement;
  const reduced = withoutSecondary(decided, old);
  const errors = [
    ...validateRelease(reduced, old),
    ...validateSingleStack(reduced),
    ...validateAddressFamilies(reduced, configured),
  ];
  if (errors.length > 0) return errors;
  const known: Spec = { ...reduced, ipFamilies: inferred(reduced) };
  if (free) return { ...known, ipFamilies: completed(known, fallback, true) };
  const unconfigured = validateConfigured(known, configured);
  if (unconfigured.length > 0) return unconfigured;
  return { ...known, ipFamilies: completed(known, fallback, configured.length > 1) };
}
