import { defineKind } from './define-kind.ts';
import { podColumns, podRowConditions } from './pod-columns.ts';
import { applyPodSpecDefaults } from './pod-spec/pod-spec-defaults.ts';
import { podQosClass } from './pod-spec/qos.ts';
import { validatePodResize } from './pod-spec/resize-validation.ts';
import { validatePod, validatePodUpdate } from './pod-validation.ts';
import { podWarnings } from './pod-warnings.ts';
import { validatePodStatus } from './status/pod-status-validation.ts';
import { podSubresources } from './subresources.ts';
import type { Draft, Pod } from './types.ts';

type Object = Draft<Pod>;

/** A pod that was never placed, or that has ended, goes at once whatever was asked for. */
function graceSeconds(pod: Object): number | undefined {
  if (!pod.spec?.nodeName || ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) return undefined;
  const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
  return grace < 0 ? 1 : grace;
}

/** A negative grace period becomes 1 in a pod, and stays in a template. */
function applyDefaults(pod: Object): Object {
  if (pod.spec === undefined) return pod;
  const spec = applyPodSpecDefaults(pod.spec, { isPod: true });
  const isNegative = (spec.terminationGracePeriodSeconds ?? 0) < 0;
  return { ...pod, spec: isNegative ? { ...spec, terminationGracePeriodSeconds: 1 } : spec };
}

function isOnHostNetwork(pod: Object): boolean {
  return pod.spec?.hostNetwork === true;
}

/** core/v1 Pod. */
export const podKind = defineKind<Object>({
  kind: 'Pod',
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  subresources: podSubresources,
  columns: podColumns,
  rowConditions: podRowConditions,
  tracksGeneration: true,
  selectableFields: {
    'spec.nodeName': (pod) => pod.spec?.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(isOnHostNetwork(pod)),
    'status.phase': (pod) => pod.status?.phase ?? '',
    'status.podIP': (pod) => pod.status?.podIP ?? '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
  },
  prepareForCreate: (pod) => ({ ...pod, status: { phase: 'Pending', qosClass: podQosClass(pod.spec) } }),
  defaults: applyDefaults,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateThrough: { resize: validatePodResize, status: validatePodStatus },
  warnings: podWarnings,
  deletionGraceSeconds: graceSeconds,
  support: {
    level: 'partial',
    note: 'Compiled to Quadlet units; fields that cannot be kept are refused or warned about.',
  },
});
