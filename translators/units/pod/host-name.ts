import type { PodSite } from './site.ts';

/** The pod's name, cut to what the kernel takes, unless the pod says otherwise; the host's own on its network. */
export function hostNameOf(site: PodSite): string {
  const { spec, context } = site;
  if (spec.hostNetwork) return context.nodeName;
  const domain = domainOf(site);
  return spec.setHostnameAsFQDN && domain !== '' ? cut(`${shortName(site)}.${domain}`) : shortName(site);
}

/** The name without a domain. */
export function shortName({ spec, pod }: PodSite): string {
  return cut(spec.hostnameOverride || spec.hostname || (pod.metadata?.name ?? ''));
}

/** `<subdomain>.<namespace>.svc.<cluster domain>`; '' for a pod without a subdomain. */
export function domainOf({ spec, pod, context }: PodSite): string {
  if (!spec.subdomain || spec.hostnameOverride) return '';
  return `${spec.subdomain}.${pod.metadata?.namespace}.svc.${context.clusterDomain}`;
}

function cut(name: string): string {
  return name.slice(0, 63).replace(/[-.]+$/, '');
}
