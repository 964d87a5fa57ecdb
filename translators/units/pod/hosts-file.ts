import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { HostFile } from '../../host-file.ts';
import { domainOf, shortName } from './host-name.ts';
import { csvField } from './run-folder.ts';
import type { ContainerPlace, PodSite } from './site.ts';

const HEADER = '# Kubernetes-managed hosts file.\n';
const HOST_HEADER = '# Kubernetes-managed hosts file (host network).\n';

const LOOPBACK = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

/** `/etc/hosts` of the pod's containers, as the kubelet writes it; on the host's network what is added to the host's. */
export function hostsFile(site: PodSite): HostFile {
  return { root: 'state', path: `pods/${site.uid}/${fileName(site)}`, content: contentOf(site), mode: 0o644 };
}

/** On the host's network: the host's own file with the pod's aliases, made anew before each start of the pod. */
export function hostsSteps(site: PodSite): readonly Setting[] {
  if (!site.spec.hostNetwork) return [];
  const script = `{ printf '${HOST_HEADER.replace('\n', '\\n')}'; cat /etc/hosts "$1/hosts.own"; } > "$1/containers/hosts"`;
  const command = `mkdir -p "$1/containers"; ${script}; chmod 644 "$1/containers/hosts"`;
  return [{ section: 'Service', key: 'ExecStartPre', value: ['/bin/sh', '-c', command, 'sh', site.folder] }];
}

/** The mount that brings it into a container; a volume of the container's at the same place goes first. */
export function hostsMount({ container }: ContainerPlace, site: PodSite): readonly Setting[] {
  if ((container.volumeMounts ?? []).some(({ mountPath }) => mountPath === '/etc/hosts')) return [];
  const source = `${site.folder}/${site.spec.hostNetwork ? 'containers/hosts' : fileName(site)}`;
  const options = ['type=bind', `source=${source}`, 'destination=/etc/hosts', 'relabel=shared'];
  return [{ section: 'Container', key: 'Mount', value: options.map(csvField).join(',') }];
}

function fileName({ spec }: PodSite): string {
  return spec.hostNetwork ? 'hosts.own' : 'hosts';
}

function contentOf(site: PodSite): string {
  const { spec, context } = site;
  const aliases = (spec.hostAliases ?? []).flatMap(({ ip, hostnames, ...unhandled }) => {
    unhandled satisfies Record<PropertyKey, never>;
    return [`${ip}\t${(hostnames ?? []).join('\t')}`];
  });
  const added = aliases.length === 0 ? [] : ['', '# Entries added by HostAliases.', ...aliases];
  if (spec.hostNetwork) return lines(added);
  const [host, domain] = [shortName(site), domainOf(site)];
  const own = domain === '' ? host : `${host}.${domain}\t${host}`;
  const addresses = [context.podIP, ...(context.secondPodIP ? [context.secondPodIP] : [])];
  return HEADER + lines([...LOOPBACK, ...addresses.map((address) => `${address}\t${own}`), ...added]);
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
