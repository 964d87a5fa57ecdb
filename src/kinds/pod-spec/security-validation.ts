import { child, duplicate, index, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { isInRange } from '../../machinery/names.ts';
import type { PodSecurityContext, PodSpec, SecurityContext, Sparse } from '../types.ts';
import { type Findings, MAX_INT32 } from '../validation.ts';
import { validateLocalPath } from './path-validation.ts';

type PodContext = Sparse<PodSecurityContext>;
type Context = Sparse<SecurityContext>;
type Profile = Context['seccompProfile'];

const SYSCTL = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const MAX_SYSCTL = 253;

function validateId(id: number | undefined, field: string): Findings {
  return id === undefined ? [] : isInRange(id, 0, MAX_INT32).map((message) => invalidValue(field, id, message));
}

function validateProfile(profile: Profile, path: string): Findings {
  if (!profile) return [];
  const { type = '', localhostProfile } = profile;
  const local = child(path, 'localhostProfile');
  if (type === 'Localhost') {
    return localhostProfile
      ? validateLocalPath(localhostProfile, local)
      : [required(local, 'must be set when seccomp type is Localhost')];
  }
  const unused = localhostProfile
    ? [invalidValue(local, localhostProfile, 'can only be set when seccomp type is Localhost')]
    : [];
  if (type === '') return [...unused, required(child(path, 'type'), 'type is required when seccompProfile is set')];
  const known = ['Localhost', 'RuntimeDefault', 'Unconfined'];
  return [...unused, ...(known.includes(type) ? [] : [notSupported(child(path, 'type'), type, known)])];
}

function validateEscalation(context: Context, path: string): Findings {
  if (context.allowPrivilegeEscalation !== false) return [];
  const admin = (context.capabilities?.add ?? []).filter((each) => each === 'CAP_SYS_ADMIN');
  const start = 'cannot set `allowPrivilegeEscalation` to false and';
  return [
    ...(context.privileged === true ? [invalidValue(path, context, `${start} \`privileged\` to true`)] : []),
    ...admin.map(() => invalidValue(path, context, `${start} \`capabilities.Add\` CAP_SYS_ADMIN`)),
  ];
}

/** `ValidateSecurityContext` of a container. */
export function validateSecurityContext(context: Context | undefined, path: string): Findings {
  if (!context) return [];
  return [
    ...validateId(context.runAsUser, child(path, 'runAsUser')),
    ...validateId(context.runAsGroup, child(path, 'runAsGroup')),
    ...validateProfile(context.seccompProfile, child(path, 'seccompProfile')),
    ...validateEscalation(context, path),
  ];
}

function validateSysctls(context: PodContext, path: string): Findings {
  const sysctls = context.sysctls ?? [];
  const detail = `must have at most ${MAX_SYSCTL} characters and match regex ${SYSCTL}`;
  return sysctls.flatMap((sysctl, position) => {
    const field = child(index(path, position), 'name');
    const { name = '' } = sysctl;
    if (name === '') return [required(field)];
    if (name.length > MAX_SYSCTL || !new RegExp(SYSCTL).test(name)) return [invalidValue(field, name, detail)];
    const twice = sysctls.slice(0, position).some((other) => other.name === name);
    return twice ? [duplicate(field, name)] : [];
  });
}

/** `ValidatePodSecurityContext`. */
export function validatePodSecurityContext(spec: Sparse<PodSpec>, path: string): Findings {
  const context = spec.securityContext ?? {};
  const shared = spec.shareProcessNamespace === true && spec.hostPID === true;
  const detail = 'ShareProcessNamespace and HostPID cannot both be enabled';
  const groups = child(path, 'supplementalGroups');
  return [
    ...(shared ? [invalidValue(child(path, 'shareProcessNamespace'), true, detail)] : []),
    ...validateId(context.fsGroup, child(path, 'fsGroup')),
    ...validateId(context.runAsUser, child(path, 'runAsUser')),
    ...validateId(context.runAsGroup, child(path, 'runAsGroup')),
    ...(context.supplementalGroups ?? []).flatMap((group, position) => validateId(group, index(groups, position))),
    ...validateSysctls(context, child(path, 'sysctls')),
    ...validateProfile(context.seccompProfile, child(path, 'seccompProfile')),
  ];
}
