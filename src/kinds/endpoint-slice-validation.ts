import { child, duplicate, index, invalidValue, notSupported, required, tooMany } from '../machinery/field-path.ts';
import { isDns1123Label, isDns1123Subdomain, isQualifiedName, validateLabels } from '../machinery/names.ts';
import { validateEach } from './each.ts';
import { isIpAddress, isSpecialIp } from './ip-address.ts';
import type { Draft, EndpointSlice } from './types.ts';
import { type Findings, validateImmutable, validateName } from './validation.ts';

type Slice = Draft<EndpointSlice>;
type Endpoint = NonNullable<Slice['endpoints']>[number];
type Port = NonNullable<Slice['ports']>[number];

const TYPES = ['FQDN', 'IPv4', 'IPv6'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_TOPOLOGY = 16;

function validateAddress(address: string, path: string, type: string): Findings {
  if (type === 'FQDN') return validateName(isDns1123Subdomain, address, path);
  const sound = isIpAddress(address).length === 0 && address.includes(':') === (type === 'IPv6');
  const format = isIpAddress(address).length > 0 ? 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)' : '';
  if (!sound) return [invalidValue(path, address, format || `must be a valid ${type} address`)];
  return validateName(isSpecialIp, address, path);
}

function validateAddresses(addresses: readonly string[], path: string, type: string): Findings {
  if (addresses.length === 0) return [required(path, 'must contain at least 1 address')];
  if (addresses.length > MAX_ADDRESSES) return [tooMany(path, addresses.length, MAX_ADDRESSES)];
  return validateEach(addresses, path, (address, at) => validateAddress(address, at, type));
}

function validateTopology(topology: { readonly [key: string]: string }, path: string): Findings {
  const count = Object.keys(topology).length;
  return [...(count > MAX_TOPOLOGY ? [tooMany(path, count, MAX_TOPOLOGY)] : []), ...validateLabels(topology, path)];
}

function validateHints({ hints }: Endpoint, path: string): Findings {
  const zones = hints?.forZones ?? [];
  const nodes = hints?.forNodes ?? [];
  return [
    ...(zones.length > 8 ? [tooMany(child(path, 'forZones'), zones.length, 8)] : []),
    ...validateEach(zones, child(path, 'forZones'), ({ name = '' }, at, position) => [
      ...(zones.findIndex((zone) => zone.name === name) < position ? [duplicate(child(at, 'name'), name)] : []),
      ...validateName(isQualifiedName, name, child(at, 'name')),
    ]),
    ...(nodes.length > 8 ? [tooMany(child(path, 'forNodes'), nodes.length, 8)] : []),
    ...validateEach(nodes, child(path, 'forNodes'), ({ name = '' }, at) =>
      validateName(isDns1123Subdomain, name, child(at, 'name')),
    ),
  ];
}

function validateEndpoint(endpoint: Endpoint, path: string, type: string): Findings {
  const { addresses = [], nodeName, hostname, deprecatedTopology = {} } = endpoint;
  return [
    ...validateAddresses(addresses, child(path, 'addresses'), type),
    ...(nodeName === undefined ? [] : validateName(isDns1123Subdomain, nodeName, child(path, 'nodeName'))),
    ...validateTopology(deprecatedTopology, child(path, 'deprecatedTopology')),
    ...(hostname === undefined ? [] : validateName(isDns1123Label, hostname, child(path, 'hostname'))),
    ...validateHints(endpoint, child(path, 'hints')),
  ];
}

function validatePort({ name = '', protocol = '', appProtocol }: Port, path: string): Findings {
  const field = child(path, 'protocol');
  return [
    ...(name === '' ? [] : validateName(isDns1123Label, name, child(path, 'name'))),
    ...(protocol === ''
      ? [required(field)]
      : PROTOCOLS.includes(protocol)
        ? []
        : [notSupported(field, protocol, PROTOCOLS)]),
    ...(appProtocol === undefined ? [] : validateName(isQualifiedName, appProtocol, child(path, 'appProtocol'))),
  ];
}

function validatePorts(ports: readonly Port[]): Findings {
  if (ports.length > MAX_PORTS) return [tooMany('ports', ports.length, MAX_PORTS)];
  const names = ports.map((port) => port.name ?? '');
  return validateEach(ports, 'ports', (port, at, position) => [
    ...validatePort(port, at),
    ...(names.indexOf(names[position] ?? '') < position ? [duplicate(child(at, 'name'), names[position])] : []),
  ]);
}

/** `ValidateEndpointSlice`. */
export function validateEndpointSlice({ addressType = '', endpoints = [], ports = [] }: Slice): Findings {
  const type =
    addressType === ''
      ? [required('addressType')]
      : TYPES.includes(addressType)
        ? []
        : [notSupported('addressType', addressType, TYPES)];
  const many = endpoints.length > MAX_ENDPOINTS;
  return [
    ...type,
    ...(many ? [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)] : []),
    ...(many ? [] : endpoints.flatMap((each, at) => validateEndpoint(each, index('endpoints', at), addressType))),
    ...validatePorts(ports),
  ];
}

/** `ValidateEndpointSliceUpdate`: the kind of addresses stays. */
export function validateEndpointSliceUpdate(slice: Slice, old: Slice): Findings {
  return validateImmutable(slice.addressType, old.addressType, 'addressType');
}
