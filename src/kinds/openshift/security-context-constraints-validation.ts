import { child, invalidValue, required } from '../../machinery/field-path.ts';
import { validateEach } from '../each.ts';
import type { Findings } from '../validation.ts';
import type { GroupStrategy, SecurityContextConstraints } from './security-context-constraints-types.ts';

const USER_STRATEGIES = ['MustRunAs', 'MustRunAsNonRoot', 'MustRunAsRange', 'RunAsAny'];
const STRATEGIES = ['MustRunAs', 'RunAsAny'];

function validateStrategy(type: string | undefined, path: string, allowed: readonly string[]): Findings {
  if (allowed.includes(type ?? '')) return [];
  return [invalidValue(path, type ?? '', `invalid strategy type.  Valid values are ${allowed.join(', ')}`)];
}

function validateRunAsUser(options: SecurityContextConstraints['runAsUser']): Findings {
  const { type, uid } = options ?? {};
  const negative = type === 'MustRunAs' && uid !== undefined && uid < 0;
  return [
    ...validateStrategy(type, 'runAsUser.type', USER_STRATEGIES),
    ...(negative ? [invalidValue('runAsUser.uid', uid, 'uid cannot be negative')] : []),
  ];
}

function validateGroups(strategy: GroupStrategy | undefined, path: string): Findings {
  return [
    ...validateStrategy(strategy?.type, child(path, 'type'), STRATEGIES),
    ...validateEach(strategy?.ranges, child(path, 'ranges'), ({ min = 0, max = 0 }, at) => [
      ...(min < 0 ? [invalidValue(child(at, 'min'), min, 'min cannot be negative')] : []),
      ...(max < 0 ? [invalidValue(child(at, 'max'), max, 'max cannot be negative')] : []),
      ...(min > max ? [invalidValue(child(at, 'min'), min, 'min cannot be greater than max')] : []),
    ]),
  ];
}

function validateCapabilities(constraints: SecurityContextConstraints): Findings {
  const { requiredDropCapabilities: drop = [], allowedCapabilities: allowed = [] } = constraints;
  const { defaultAddCapabilities: added = [] } = constraints;
  const wildcard = 'required capabilities must be empty when all capabilities are allowed by a wildcard';
  const both = (list: readonly string[], field: string): Findings =>
    validateEach(list, field, (name, at) =>
      drop.includes(name) ? [invalidValue(at, name, 'capability is also listed as required to be dropped')] : [],
    );
  return [
    ...(allowed.includes('*') && drop.length > 0 ? [invalidValue('requiredDropCapabilities', drop, wildcard)] : []),
    ...both(added, 'defaultAddCapabilities'),
    ...both(allowed, 'allowedCapabilities'),
  ];
}

function validateEscalation(constraints: SecurityContextConstraints): Findings {
  const { allowPrivilegeEscalation: allowed, defaultAllowPrivilegeEscalation: usual } = constraints;
  if (usual !== true || allowed !== false) return [];
  const why =
    'Cannot set DefaultAllowPrivilegeEscalation to true without also setting AllowPrivilegeEscalation to true';
  return [invalidValue('defaultAllowPrivilegeEscalation', usual, why)];
}

/** `ValidateSecurityContextConstraints`. */
export function validateConstraints(constraints: SecurityContextConstraints): Findings {
  const { priority = 0, allowedFlexVolumes } = constraints;
  return [
    ...(priority < 0 ? [invalidValue('priority', priority, 'priority cannot be negative')] : []),
    ...validateRunAsUser(constraints.runAsUser),
    ...validateStrategy(constraints.seLinuxContext?.type, 'seLinuxContext.type', STRATEGIES),
    ...validateGroups(constraints.fsGroup, 'fsGroup'),
    ...validateGroups(constraints.supplementalGroups, 'supplementalGroups'),
    ...validateCapabilities(constraints),
    ...validateEscalation(constraints),
    ...validateEach(allowedFlexVolumes, 'allowedFlexVolumes', ({ driver }, at) =>
      driver ? [] : [required(child(at, 'driver'), 'must specify a driver')],
    ),
  ];
}
