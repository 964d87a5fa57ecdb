import { semanticEqual } from '../machinery/deep.ts';
import { child, index, invalidValue, required } from '../machinery/field-path.ts';
import { isDns1123Label, isDns1123Subdomain, isPortNumber, isQualifiedName } from '../machinery/names.ts';
import { validateEach } from './each.ts';
import { isIpAddress, isSpecialIp } from './ip-address.ts';
import type { Draft, Endpoints } from './types.ts';
import { type Findings, validateEnum, validateName } from './validation.ts';

type Object = Draft<Endpoints>;
type Subset = NonNullable<Object['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];
type Port = NonNullable<Subset['ports']>[number];

function validateAddress({ ip = '', hostname, nodeName }: Address, path: string): Findings {
  const field = child(path, 'ip');
  const sound = validateName(isIpAddress, ip, field);
  return [
    ...sound,
    ...(hostname ? validateName(isDns1123Label, hostname, child(path, 'hostname')) : []),
    ...(nodeName === undefined ? [] : validateName(isDns1123Subdomain, nodeName, child(path, 'nodeName'))),
    ...(sound.length > 0
      ? [invalidValue(field, ip, 'must be a valid IP address')]
      : validateName(isSpecialIp, ip, field)),
  ];
}

function validatePort({ name, port = 0, protocol, appProtocol }: Port, path: string, needsName: boolean): Findings {
  const field = child(path, 'name');
  return [
    ...(name ? validateName(isDns1123Label, name, field) : needsName ? [required(field)] : []),
    ...isPortNumber(port).map((message) => invalidValue(child(path, 'port'), port, message)),
    ...validateEnum(protocol, child(path, 'protocol'), ['SCTP', 'TCP', 'UDP']),
    ...(appProtocol === undefined ? [] : validateName(isQualifiedName, appProtocol, child(path, 'appProtocol'))),
  ];
}

function validateSubset({ addresses = [], notReadyAddresses = [], ports = [] }: Subset, path: string): Findings {
  const empty = addresses.length + notReadyAddresses.length === 0;
  return [
    ...(empty ? [required(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...validateEach(addresses, child(path, 'addresses'), validateAddress),
    ...validateEach(notReadyAddresses, child(path, 'notReadyAddresses'), validateAddress),
    ...validateEach(ports, child(path, 'ports'), (port, at) => validatePort(port, at, ports.length > 1)),
  ];
}

/** `ValidateEndpointsCreate`. */
export function validateEndpoints({ subsets = [] }: Object): Findings {
  return subsets.flatMap((subset, position) => validateSubset(subset, index('subsets', position)));
}

/** `ValidateEndpointsUpdate`: subsets that stay as they were aren't judged again. */
export function validateEndpointsUpdate(endpoints: Object, old: Object): Findings {
  return semanticEqual(endpoints.subsets, old.subsets) ? [] : validateEndpoints(endpoints);
}
