import { child, forbiddenField, invalidValue, notSupported, required } from '../machinery/field-path.ts';
import { isPortName, isPortNumber } from '../machinery/names.ts';
import { validateEach } from './each.ts';
import { isCidr, isStrictlyInside } from './ip-address.ts';
import type { Draft, NetworkPolicy } from './types.ts';
import { type Findings, validateLabelSelector, validateName } from './validation.ts';

type Object = Draft<NetworkPolicy>;
type Rule = NonNullable<NonNullable<Object['spec']>['ingress']>[number];
type Port = NonNullable<Rule['ports']>[number];
type Peer = NonNullable<Rule['from']>[number];
type Block = NonNullable<Peer['ipBlock']>;

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const TYPES = ['Ingress', 'Egress'];

function validateNumber(port: number, path: string): Findings {
  return isPortNumber(port).map((message) => invalidValue(path, port, message));
}

function validateRange({ port, endPort }: Port, path: string): Findings {
  const end = child(path, 'endPort');
  if (port === undefined) {
    return endPort === undefined
      ? []
      : [invalidValue(end, endPort, 'may not be specified when `port` is not specified')];
  }
  if (typeof port === 'string') {
    const numeric =
      endPort === undefined ? [] : [invalidValue(end, endPort, 'may not be specified when `port` is non-numeric')];
    return [...numeric, ...validateName(isPortName, port, child(path, 'port'))];
  }
  const before = endPort !== undefined && endPort < port;
  return [
    ...validateNumber(port, child(path, 'port')),
    ...(before ? [invalidValue(end, port, 'must be greater than or equal to `port`')] : []),
    ...(endPort === undefined ? [] : validateNumber(endPort, end)),
  ];
}

function validatePort(port: Port, path: string): Findings {
  const { protocol } = port;
  const known = protocol === undefined || PROTOCOLS.includes(protocol);
  return [...(known ? [] : [notSupported(child(path, 'protocol'), protocol, PROTOCOLS)]), ...validateRange(port, path)];
}

function validateBlock({ cidr = '', except }: Block, path: string): Findings {
  const field = child(path, 'cidr');
  if (cidr === '') return [required(field)];
  const wrong = validateName(isCidr, cidr, field);
  if (wrong.length > 0) return wrong;
  return validateEach(except, child(path, 'except'), (each, at) => {
    const invalid = validateName(isCidr, each, at);
    if (invalid.length > 0 || isStrictlyInside(each, cidr)) return invalid;
    return [invalidValue(at, each, 'must be a strict subset of `cidr`')];
  });
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: Peer, path: string): Findings {
  const selectors = podSelector !== undefined || namespaceSelector !== undefined;
  return [
    ...validateLabelSelector(podSelector, child(path, 'podSelector')),
    ...validateLabelSelector(namespaceSelector, child(path, 'namespaceSelector')),
    ...(ipBlock ? validateBlock(ipBlock, child(path, 'ipBlock')) : []),
    ...(selectors || ipBlock ? [] : [required(path, 'must specify a peer')]),
    ...(selectors && ipBlock ? [forbiddenField(path, 'may not specify both ipBlock and another peer')] : []),
  ];
}

function validateTypes(types: readonly string[], path: string): Findings {
  if (types.length > TYPES.length) return [invalidValue(path, types, 'may not specify more than two policyTypes')];
  return validateEach(types, path, (type, at) => (TYPES.includes(type) ? [] : [notSupported(at, type, TYPES)]));
}

/** `ValidateNetworkPolicy`. */
export function validateNetworkPolicy({ spec = {} }: Object): Findings {
  return [
    ...validateLabelSelector(spec.podSelector, 'spec.podSelector'),
    ...validateEach(spec.ingress, 'spec.ingress', (rule, at) => [
      ...validateEach(rule.ports, child(at, 'ports'), validatePort),
      ...validateEach(rule.from, child(at, 'from'), validatePeer),
    ]),
    ...validateEach(spec.egress, 'spec.egress', (rule, at) => [
      ...validateEach(rule.ports, child(at, 'ports'), validatePort),
      ...validateEach(rule.to, child(at, 'to'), validatePeer),
    ]),
    ...validateTypes(spec.policyTypes ?? [], 'spec.policyTypes'),
  ];
}
