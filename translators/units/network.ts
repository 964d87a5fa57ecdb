import { encodeUnit } from '../../quadlet/encode-unit.ts';
import { oldestPodman, parsePodmanVersion } from '../../quadlet/podman-version.ts';
import { serializeUnit } from '../../quadlet/unit-text.ts';
import type { Translation } from '../host-file.ts';
import { NETWORK_FILE } from './pod/infra.ts';
import { inSection } from './pod/settings.ts';

/** The bridge that pods join. */
export interface PodNetwork {
  /** podman's name of it, `quadshift`. */
  readonly name: string;
  /** `10.42.0.0/16` */
  readonly subnet: string;
  /** `10.42.0.1` */
  readonly gateway: string;
  readonly podmanVersion: string;
}

/** What the network's file names as its owner. */
export const NETWORK_OWNER = 'network';

/** The pod network as a Quadlet file; its service is `quadshift-network.service`. */
export function translateNetwork(network: PodNetwork): Translation {
  const settings = [
    ...inSection('Unit', [['Description', 'Network of the pods']]),
    ...inSection('Quadlet', [['DefaultDependencies', 'false']]),
    ...inSection('Network', [
      ['NetworkName', network.name],
      ['Subnet', network.subnet],
      ['Gateway', network.gateway],
      ['DisableDNS', 'true'],
    ]),
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
