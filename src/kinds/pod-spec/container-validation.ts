import { child, duplicate, forbiddenField, index, notSupported, required } from '../../machinery/field-path.ts';
import { isDns1123Label } from '../../machinery/names.ts';
import type { Container, PodSpec, Sparse } from '../types.ts';
import { type Findings, validateEnum, validateRequiredName } from '../validation.ts';
import { validateEnv, validateEnvFrom } from './env-validation.ts';
import { validateHostPorts, validatePorts } from './port-validation.ts';
import { forbidSupervision, validateSupervision } from './probe-validation.ts';
import { validateResources } from './resources-validation.ts';
import { validateSecurityContext } from './security-validation.ts';
import { validateVolumeMounts } from './volume-mount-validation.ts';

type Spec = Sparse<Container>;

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['FallbackToLogsOnError', 'File'];

/** `validateContainerCommon`. */
function validateContainer(container: Spec, path: string, volumes: ReadonlySet<string>): Findings {
  return [
    ...validateRequiredName(isDns1123Label, container.name, child(path, 'name')),
    ...(container.image ? [] : [required(child(path, 'image'))]),
    ...validateEnum(container.terminationMessagePolicy, child(path, 'terminationMessagePolicy'), MESSAGE_POLICIES),
    ...validatePorts(container.ports ?? [], child(path, 'ports')),
    ...validateEnv(container.env ?? [], child(path, 'env')),
    ...validateEnvFrom(container.envFrom ?? [], child(path, 'envFrom')),
    ...validateVolumeMounts(container, child(path, 'volumeMounts'), volumes),
    ...validateEnum(container.imagePullPolicy, child(path, 'imagePullPolicy'), PULL_POLICIES),
    ...validateResources(container.resources, child(path, 'resources')),
    ...validateSecurityContext(container.securityContext, child(path, 'securityContext')),
  ];
}

function validateUnique(name: string | undefined, path: string, taken: ReadonlySet<string | undefined>): Findings {
  return name && taken.has(name) ? [duplicate(child(path, 'name'), name)] : [];
}

function namesOf(containers: readonly Spec[]): readonly (string | undefined)[] {
  return containers.map((container) => container.name);
}

/** `validateContainers`: at least one, names and host ports unique, probes sound. */
export function validateContainers(spec: Sparse<PodSpec>, path: string, volumes: ReadonlySet<string>): Findings {
  const containers = spec.containers ?? [];
  const grace = spec.terminationGracePeriodSeconds ?? 30;
  if (containers.length === 0) return [required(path)];
  const each = containers.flatMap((container, position) => {
    const at = index(path, position);
    const plain = container.restartPolicy === undefined || (container.restartPolicyRules ?? []).length > 0;
    return [
      ...validateContainer(container, at, volumes),
      ...validateUnique(container.name, at, new Set(namesOf(containers.slice(0, position)))),
      ...validateSupervision(container, at, grace),
      ...(plain
        ? []
        : validateEnum(container.restartPolicy, child(at, 'restartPolicy'), ['Always', 'Never', 'OnFailure'])),
    ];
  });
  return [...each, ...validateHostPorts(containers, path)];
}

function validateInitRestart(container: Spec, path: string): Findings {
  const { restartPolicy } = container;
  const known = restartPolicy === undefined || ['Always', 'Never', 'OnFailure'].includes(restartPolicy);
  return known ? [] : [notSupported(child(path, 'restartPolicy'), restartPolicy, ['Always', 'Never', 'OnFailure'])];
}

/** `validateInitContainers`: those with restartPolicy Always are sidecars, the others run to their end. */
export function validateInitContainers(spec: Sparse<PodSpec>, path: string, volumes: ReadonlySet<string>): Findings {
  const containers = spec.initContainers ?? [];
  const grace = spec.terminationGracePeriodSeconds ?? 30;
  return containers.flatMap((container, position) => {
    const at = index(path, position);
    const taken = new Set(namesOf([...(spec.containers ?? []), ...containers.slice(0, position)]));
    const sidecar = container.restartPolicy === 'Always';
    return [
      ...validateContainer(container, at, volumes),
      ...validateUnique(container.name, at, taken),
      ...validateHostPorts([container], path),
      ...validateInitRestart(container, at),
      ...(sidecar ? validateSupervision(container, at, grace) : forbidSupervision(container, at)),
    ];
  });
}

/** Only the `ephemeralcontainers` subresource adds them. */
export function forbidEphemeralContainers(spec: Sparse<PodSpec>, path: string): Findings {
  return (spec.ephemeralContainers ?? []).length > 0 ? [forbiddenField(path, 'cannot be set on create')] : [];
}
