import type { Pod } from '../../kinds/types.ts';

/** Sysctls that belong to the pod alone and can't harm others: the kubelet's list. */
const SAFE: readonly string[] = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
];

/** The first sysctl of a pod that it may not set, and why, in the kubelet's words; undefined when it may. Pure. */
export function forbiddenSysctl({ spec }: Pod, allowed: readonly string[]): string | undefined {
  const names = (spec?.securityContext?.sysctls ?? []).map(({ name }) => name.replaceAll('/', '.'));
  return names.map((name) => problemOf(name, allowed, spec)).find((problem) => problem !== undefined);
}

function problemOf(name: string, allowed: readonly string[], spec: Pod['spec']): string | undefined {
  const isAllowed = [...SAFE, ...allowed].some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
  if (!isAllowed) return `"${name}" not allowlisted`;
  const namespace = name.startsWith('net.') ? 'net' : 'ipc';
  const isHosts = namespace === 'net' ? spec?.hostNetwork : spec?.hostIPC;
  return isHosts ? `"${name}" not allowed with host ${namespace} enabled` : undefined;
}
