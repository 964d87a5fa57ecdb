import { child, forbiddenField, index, invalidValue } from '../../machinery/field-path.ts';
import { checkName, isQualifiedName } from '../../machinery/names.ts';
import { isIpAddress } from '../ip-address.ts';
import type { Draft, Pod } from '../types.ts';
import { type Findings, validateImmutable, validateName } from '../validation.ts';

type Status = NonNullable<Draft<Pod>['status']>;
type Addresses = readonly { readonly ip?: string }[];

const BUILT_IN = ['PodScheduled', 'Ready', 'Initialized'];
const NON_NEGATIVE = 'must be a non-negative integer';

/** `ValidatePodStatusUpdate`, without the transitions of containers. */
export function validatePodStatus(pod: Draft<Pod>, old: Draft<Pod>): Findings {
  const [status, before] = [pod.status ?? {}, old.status ?? {}];
  const generation = status.observedGeneration ?? 0;
  return [
    ...validateConditions(status),
    ...validateNomination(pod, old),
    ...(generation < 0 ? [invalidValue('status.observedGeneration', generation, NON_NEGATIVE)] : []),
    ...validateQosClass(status, before),
    ...validateAddresses(podIpsOf(status), podIpsOf(before), 'status.podIPs'),
    ...validateHostIps(status, before),
  ];
}

function validateConditions({ conditions = [] }: Status): Findings {
  return conditions.flatMap(({ type = '', observedGeneration = 0 }, position) => {
    const field = index('status.conditions', position);
    return [
      ...(observedGeneration < 0
        ? [invalidValue(child(field, 'observedGeneration'), observedGeneration, NON_NEGATIVE)]
        : []),
      // Upstream spells the field's name so.
      ...(BUILT_IN.includes(type) ? [] : validateName(isQualifiedName, type, child(field, 'Type'))),
    ];
  });
}

function validateNomination(pod: Draft<Pod>, old: Draft<Pod>): Findings {
  const { nominatedNodeName: name = '' } = pod.status ?? {};
  if (name === '' || name === (old.status?.nominatedNodeName ?? '')) return [];
  const field = 'status.nominatedNodeName';
  const bound = Boolean(old.spec?.nodeName);
  return [
    ...validateName((value) => checkName('dns-subdomain', value), name, field),
    ...(bound ? [forbiddenField(field, 'may not be set on pods that are already bound to a node')] : []),
  ];
}

/** A client that leaves it out means the one there is. */
function validateQosClass({ qosClass }: Status, before: Status): Findings {
  return qosClass ? validateImmutable(qosClass, before.qosClass, 'status.qosClass') : [];
}

/** The first address stands alone too, and where the two differ that one counts. */
function podIpsOf({ podIP = '', podIPs = [] }: Status): Addresses {
  return podIP !== '' && podIPs[0]?.ip !== podIP ? [{ ip: podIP }] : podIPs;
}

function validateAddresses(addresses: Addresses, before: Addresses, field: string): Findings {
  const known = new Set(before.map(({ ip }) => ip));
  const families = new Set(addresses.map(({ ip = '' }) => ip.includes(':')));
  const shown = addresses.map(({ ip = '' }) => ({ IP: ip }));
  return [
    ...addresses.flatMap(({ ip = '' }, at) => (known.has(ip) ? [] : validateName(isIpAddress, ip, index(field, at)))),
    ...(addresses.length > families.size
      ? [invalidValue(field, shown, 'may specify no more than one IP for each IP family')]
      : []),
  ];
}

function validateHostIps({ hostIP = '', hostIPs = [] }: Status, before: Status): Findings {
  const [first] = hostIPs;
  if (first === undefined) return [];
  const { ip = '' } = first;
  return [
    ...(ip === hostIP ? [] : [invalidValue('status.hostIPs[0].ip', ip, 'must be equal to `hostIP`')]),
    ...validateAddresses(hostIPs, before.hostIPs ?? [], 'status.hostIPs'),
  ];
}
