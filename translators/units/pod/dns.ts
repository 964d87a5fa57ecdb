import type { Setting } from '../../../quadlet/encode-unit.ts';
import { inSection } from './settings.ts';
import type { PodSite } from './site.ts';

interface Resolver {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

const NONE: Resolver = { servers: [], searches: [], options: [] };

/** The pod's resolver settings; none leaves podman with the host's. */
export function dnsSettings(site: PodSite): readonly Setting[] {
  return resolverSettings(site, 'Pod');
}

/** A container's resolver settings. On the host's network it doesn't share its pod's: podman would give it the host's. */
export function containerDns(site: PodSite): readonly Setting[] {
  return site.spec.hostNetwork ? resolverSettings(site, 'Container') : [];
}

function resolverSettings(site: PodSite, section: 'Pod' | 'Container'): readonly Setting[] {
  const { servers, searches, options } = withConfig(policyResolver(site), site);
  return inSection(section, [
    ...servers.map((server) => ['DNS', server] as const),
    ...searches.map((search) => ['DNSSearch', search] as const),
    ...options.map((option) => ['DNSOption', option] as const),
  ]);
}

function policyResolver({ spec, pod, context }: PodSite): Resolver {
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  const isCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec.hostNetwork);
  if (!isCluster || context.dnsServers.length === 0) {
    return NONE;
  }
  const { clusterDomain } = context;
  return {
    servers: context.dnsServers,
    searches: [`${pod.metadata?.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain],
    options: ['ndots:5'],
  };
}

/** `dnsConfig` adds servers and searches, and replaces options of the same name. */
function withConfig(base: Resolver, { spec }: PodSite): Resolver {
  const { nameservers, searches, options, ...unhandled } = spec.dnsConfig ?? {};
  unhandled satisfies Record<PropertyKey, never>;
  const own = (options ?? []).map(({ name, value }) => (value === undefined ? `${name}` : `${name}:${value}`));
  const names = new Set(own.map(optionName));
  return {
    servers: unique([...base.servers, ...(nameservers ?? [])]),
    searches: withoutRoot(unique([...base.searches, ...(searches ?? [])])),
    options: [...base.options.filter((option) => !names.has(optionName(option))), ...own],
  };
}

/** Podman takes `.` for "nothing to search": beside others it stands for the name as it is, which comes last anyway. */
function withoutRoot(searches: readonly string[]): readonly string[] {
  const others = searches.filter((search) => search !== '.');
  return others.length > 0 ? others : searches;
}

function optionName(option: string): string {
  return option.split(':')[0] ?? option;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
