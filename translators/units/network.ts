import { encodeUnit, type Setting } from '../../quadlet/encode-unit.ts';
import { oldestPodman, parsePodmanVersion } from '../../quadlet/podman-version.ts';
import { serializeUnit } from '../../quadlet/unit-text.ts';
import type { Translation } from '../host-file.ts';
import { NETWORK_FILE } from './pod/infra.ts';
import { inSection } from './pod/settings.ts';

/** The bridge that pods join. */
export interface PodNetwork {
  /** podman's name of it, `quadshift`. */
  readonly name: string;
  /** One, or one of each family: `10.42.0.0/16` with the bridge at `10.42.0.1`. */
  readonly ranges: readonly { readonly subnet: string; readonly gateway: string }[];
  readonly podmanVersion: string;
}

/** What the network's file names as its owner. */
export const NETWORK_OWNER = 'network';

function isDual({ ranges }: PodNetwork): boolean {
  return ranges.some(({ subnet }) => subnet.includes(':'));
}

/** A network of before IPv6 was configured is made anew, at the latest at boot, when no pod is on it. */
function renewal(network: PodNetwork): readonly Setting[] {
  if (!isDual(network)) return [];
  const has = `podman network inspect ${network.name} --format={{.IPv6Enabled}} | grep -q true`;
  const step = `${has} || podman network rm ${network.name}`;
  return [{ section: 'Service', key: 'ExecStartPre', value: ['-/bin/sh', '-c', step] }];
}

/** The pod network as a Quadlet file; its service is `quadshift-network.service`. */
export function translateNetwork(network: PodNetwork): Translation {
  const settings = [
    ...inSection('Unit', [['Description', 'Network of the pods']]),
    ...inSection('Quadlet', [['DefaultDependencies', 'false']]),
    ...inSection('Network', [
      ['NetworkName', network.name],
      ...network.ranges.flatMap(({ subnet, gateway }) => [['Subnet', subnet] as const, ['Gateway', gateway] as const]),
      ...(isDual(network) ? [['IPv6', 'true'] as const] : []),
      ['DisableDNS', 'true'],
    ]),
    ...renewal(network),
    // Belongs to no object: the owner is the machine's network itself.
    ...inSection('X-Kubernetes', [
      ['Kind', 'Node'],
      ['UID', NETWORK_OWNER],
    ]),
  ];
  const { unit, problems } = encodeUnit(settings, parsePodmanVersion(network.podmanVersion) ?? oldestPodman);
  return {
    files: [{ root: 'quadlet', path: NETWORK_FILE, content: serializeUnit(unit), mode: 0o644 }],
    directories: [],
    links: [],
    diagnostics: problems.map(({ key, message }) => ({ severity: 'refused', field: `network.${key}`, message })),
  };
}
