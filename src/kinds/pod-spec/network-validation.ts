import { child, index, invalidValue, required } from '../../machinery/field-path.ts';
import { isDns1123Label, isDns1123Subdomain } from '../../machinery/names.ts';
import { isIpAddress } from '../ip-address.ts';
import type { PodSpec, Sparse } from '../types.ts';
import { type Findings, validateEnum, validateName } from '../validation.ts';
import { validateHostNetworkPorts } from './port-validation.ts';

type Spec = Sparse<PodSpec>;

const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const MAX_NAMESERVERS = 3;

function validateDns(spec: Spec, path: string): Findings {
  const servers = spec.dnsConfig?.nameservers ?? [];
  const field = child(path, 'dnsConfig', 'nameservers');
  const none = spec.dnsPolicy === 'None' && servers.length === 0;
  const missing = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
  const tooMany = `must not have more than ${MAX_NAMESERVERS} nameservers`;
  return [
    ...validateEnum(spec.dnsPolicy, child(path, 'dnsPolicy'), DNS_POLICIES),
    ...(none ? [required(field, missing)] : []),
    ...(servers.length > MAX_NAMESERVERS ? [invalidValue(field, servers, tooMany)] : []),
    ...servers.flatMap((server, position) => validateName(isIpAddress, server, index(field, position))),
  ];
}

function validateHostAliases(spec: Spec, path: string): Findings {
  return (spec.hostAliases ?? []).flatMap((alias, position) => {
    const at = index(path, position);
    return [
      ...validateName(isIpAddress, alias.ip ?? '', child(at, 'ip')),
      ...(alias.hostnames ?? []).flatMap((name, each) =>
        validateName(isDns1123Subdomain, name, index(child(at, 'hostnames'), each)),
      ),
    ];
  });
}

/** Names, resolver and the host's network. */
export function validateNetwork(spec: Spec, path: string): Findings {
  const { hostname, subdomain } = spec;
  return [
    ...(spec.hostNetwork === true ? validateHostNetworkPorts(spec.containers ?? [], child(path, 'containers')) : []),
    ...validateDns(spec, path),
    ...(hostname ? validateName(isDns1123Label, hostname, child(path, 'hostname')) : []),
    ...(subdomain ? validateName(isDns1123Label, subdomain, child(path, 'subdomain')) : []),
    ...validateHostAliases(spec, child(path, 'hostAliases')),
  ];
}
