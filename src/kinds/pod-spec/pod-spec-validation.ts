import { child, invalidValue } from '../../machinery/field-path.ts';
import { isDns1123Subdomain, isInRange } from '../../machinery/names.ts';
import type { PodSpec, Sparse } from '../types.ts';
import { type Findings, MAX_INT32, validateEnum, validateName } from '../validation.ts';
import { validateContainers, validateInitContainers } from './container-validation.ts';
import { validateNetwork } from './network-validation.ts';
import { validatePodResources } from './pod-resources-validation.ts';
import { validateScheduling } from './scheduling-validation.ts';
import { validatePodSecurityContext } from './security-validation.ts';
import { validateVolumes } from './volume-validation.ts';

type Spec = Sparse<PodSpec>;

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const REFERENCES = ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const;

function validateReferences(spec: Spec, path: string): Findings {
  return REFERENCES.flatMap((field) => {
    const name = spec[field];
    return name ? validateName(isDns1123Subdomain, name, child(path, field)) : [];
  });
}

function validateDeadline(spec: Spec, path: string): Findings {
  const deadline = spec.activeDeadlineSeconds;
  const field = child(path, 'activeDeadlineSeconds');
  if (deadline === undefined) return [];
  return isInRange(deadline, 1, MAX_INT32).map((message) => invalidValue(field, deadline, message));
}

/** `ValidatePodSpec`: of a pod, or of a template of pods. */
export function validatePodSpec(spec: Spec, path: string): Findings {
  const volumes = validateVolumes(spec.volumes ?? [], child(path, 'volumes'));
  return [
    ...volumes.errors,
    ...validateContainers(spec, child(path, 'containers'), volumes.names),
    ...validateInitContainers(spec, child(path, 'initContainers'), volumes.names),
    ...validatePodResources(spec, child(path, 'resources')),
    ...validateEnum(spec.restartPolicy, child(path, 'restartPolicy'), RESTART_POLICIES),
    ...validateNetwork(spec, path),
    ...validatePodSecurityContext(spec, child(path, 'securityContext')),
    ...validateScheduling(spec, path),
    ...validateReferences(spec, path),
    ...validateDeadline(spec, path),
  ];
}
