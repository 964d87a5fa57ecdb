import type { Container, Pod, Sparse } from '../../kinds/types.ts';
import type { KubernetesObject, ObjectKey } from '../../machinery/object.ts';
import { forbidden, invalid, type StatusError } from '../../machinery/status-error.ts';
import { type AdmissionLookup, type AdmissionPlugin, type AdmissionRequest, isAbout } from '../plugin.ts';
import { containersOf, type PodShape } from './check.ts';
import { evaluatePod, printViolations } from './evaluate.ts';
import { namespaceWarnings } from './namespace-warnings.ts';
import { templateOf } from './pod-template.ts';
import { type Policy, policyOf, printLevel, validatePolicyLabels } from './policy.ts';

/** Subresources of a pod that change what it runs; all others are nobody's business here. */
const SIGNIFICANT = ['', 'ephemeralcontainers', 'resize'];

function isAboutPod({ kind, subresource, operation }: AdmissionRequest): boolean {
  return kind.group === '' && kind.plural === 'pods' && operation !== 'DELETE' && SIGNIFICANT.includes(subresource);
}

function namespacePolicy(lookup: AdmissionLookup, { namespace }: ObjectKey): Policy {
  return policyOf(lookup.get('/namespaces', { namespace: '', name: namespace })?.metadata?.labels);
}

function shapeOf(pod: KubernetesObject): PodShape {
  const { metadata, spec } = pod as Pod;
  return { metadata, spec: spec ?? { containers: [] } };
}

/** Whether an update brings other containers or images. */
function isSignificant(pod: KubernetesObject, old: KubernetesObject | undefined): boolean {
  if (old === undefined) return true;
  const images = (shape: PodShape) =>
    containersOf(shape).map(({ name, image }: Sparse<Container>) => `${name} ${image}`);
  return images(shapeOf(pod)).join('\n') !== images(shapeOf(old)).join('\n');
}

function refusePod(request: AdmissionRequest, lookup: AdmissionLookup): StatusError | undefined {
  const { object, old, key } = request;
  if (!isSignificant(object, old)) return undefined;
  const { enforce } = namespacePolicy(lookup, key);
  const violations = evaluatePod(enforce, shapeOf(object));
  if (violations.length === 0) return undefined;
  const what = printViolations(violations, 'with details');
  const subject = { group: '', resource: 'pods', name: key.name };
  return forbidden(subject, `violates PodSecurity "${printLevel(enforce)}": ${what}`);
}

/** Labels that can't be read are refused, unless they were there before. */
function refuseNamespace({ object, old, operation }: AdmissionRequest): StatusError | undefined {
  if (operation === 'DELETE') return undefined;
  const errors = validatePolicyLabels(object.metadata?.labels);
  const before = validatePolicyLabels(old?.metadata?.labels);
  const same = JSON.stringify(errors) === JSON.stringify(before);
  if (errors.length === 0 || same) return undefined;
  return invalid({ group: '', resource: 'Namespace', name: object.metadata?.name ?? '' }, errors);
}

/** The pod that a request is about, or makes others make. */
function subjectOf(request: AdmissionRequest): PodShape | undefined {
  if (isAboutPod(request)) return isSignificant(request.object, request.old) ? shapeOf(request.object) : undefined;
  return request.subresource === '' && request.operation !== 'DELETE' ? templateOf(request) : undefined;
}

function warnings(request: AdmissionRequest, lookup: AdmissionLookup): readonly string[] {
  if (isAbout(request, '/namespaces')) return namespaceWarnings(request, lookup);
  const pod = subjectOf(request);
  if (pod === undefined) return [];
  const { warn } = namespacePolicy(lookup, request.key);
  const violations = evaluatePod(warn, pod);
  if (violations.length === 0) return [];
  return [`would violate PodSecurity "${printLevel(warn)}": ${printViolations(violations, 'with details')}`];
}

/** Pods obey the Pod Security level of their namespace; those who make pods are warned. */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  validate: (request, lookup) => {
    if (isAbout(request, '/namespaces')) return refuseNamespace(request);
    return isAboutPod(request) ? refusePod(request, lookup) : undefined;
  },
  warnings,
};
