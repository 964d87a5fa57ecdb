import { keyTable, row } from './key-row.ts';

/** `[Network]` of a `.network` file (podman-systemd.unit(5)). */
export const networkKeys = keyTable([
  row('ContainersConfModule', 'containers.conf module', { repeatable: true }),
  row('DNS', 'upstream resolver', { repeatable: true, flag: '--dns' }),
  row('DisableDNS', "no resolver of podman's", { type: 'boolean', flag: '--disable-dns' }),
  row('Driver', 'bridge, macvlan or ipvlan', { flag: '--driver' }),
  row('Gateway', "the subnet's gateway", { repeatable: true }),
  row('GlobalArgs', "podman's global options", { repeatable: true, quoting: 'words' }),
  row('IPAMDriver', 'who hands out addresses', { flag: '--ipam-driver' }),
  row('IPRange', 'range to hand out', { repeatable: true }),
  row('IPv6', 'dual stack', { type: 'boolean', flag: '--ipv6' }),
  row('InterfaceName', 'name of the bridge', { since: [5, 6], flag: '--interface-name' }),
  row('Internal', 'no way out', { type: 'boolean', flag: '--internal' }),
  row('Label', 'label', { repeatable: true, quoting: 'word', flag: '--label' }),
  row('NetworkDeleteOnStop', 'remove it when the unit stops', { type: 'boolean', since: [5, 5] }),
  row('NetworkName', "podman's name of the network"),
  row('Options', 'driver option', { repeatable: true, quoting: 'word', flag: '--opt' }),
  row('PodmanArgs', 'further options of podman network create', { repeatable: true, quoting: 'word' }),
  row('ServiceName', 'name of the generated service'),
  row('Subnet', 'subnet', { repeatable: true }),
]);
