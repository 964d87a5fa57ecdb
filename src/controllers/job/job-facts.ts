import type { Job, Pod } from '../../kinds/types.ts';
import { isConditionTrue } from '../../machinery/conditions.ts';
import { isDeleting } from '../meta.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';

/** A Job's status. */
export type JobStatus = NonNullable<Job['status']>;
/** A Job's condition. */
export type JobCondition = NonNullable<JobStatus['conditions']>[number];

/** On a Job that a timer ran: its pod is being recorded, and until that is done no other shall be made. */
export const RECORDING_ANNOTATION = 'quadshift.io/recording-pod';
/** Holds a pod until the Job's status has counted it. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
/** Label and annotation of an Indexed Job's pods. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
/** Failures of the pod's index before this pod, with backoffLimitPerIndex. */
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';
/** As above, those that the pod failure policy ignores. */
export const INDEX_IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';
/** The controller's own name in `spec.managedBy`. */
const CONTROLLER_NAME = 'kubernetes.io/job-controller';

/** Whether each pod has an index of its own. */
export function isIndexed(job: Job): boolean {
  return job.spec?.completionMode === 'Indexed';
}

/** How many completions an Indexed Job wants. */
export function completionsOf(job: Job): number {
  return job.spec?.completions ?? 0;
}

/** Whether the Job is held. */
export function isSuspended(job: Job): boolean {
  return job.spec?.suspend === true;
}

/** Whether the Job has ended for good. */
export function isJobFinished(job: Job): boolean {
  return isConditionTrue(job.status?.conditions, 'Complete') || isConditionTrue(job.status?.conditions, 'Failed');
}

/** Whether the pod that a timer made for the Job isn't stored yet. */
export function isBeingRecorded(job: Job): boolean {
  return job.metadata?.annotations?.[RECORDING_ANNOTATION] !== undefined;
}

/** Whether somebody else's controller runs the Job. */
export function isManagedElsewhere(job: Job): boolean {
  return (job.spec?.managedBy ?? CONTROLLER_NAME) !== CONTROLLER_NAME;
}

/** Whether each index has a back-off limit of its own. */
export function limitsPerIndex(job: Job): boolean {
  return job.spec?.backoffLimitPerIndex !== undefined;
}

/** Whether a pod is replaced only once it has really ended, not already while it is being deleted. */
export function replacesFailedOnly(job: Job): boolean {
  return job.spec?.podReplacementPolicy === 'Failed' || job.spec?.podFailurePolicy !== undefined;
}

/** Whether the pod still waits to be counted. */
export function isTracked(pod: Pod): boolean {
  return pod.metadata?.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

/** Whether the pod is on its way out and hasn't ended yet. */
export function isPodTerminating(pod: Pod): boolean {
  return isDeleting(pod) && !isPodFinished(pod);
}

/** Whether the Job takes the pod for failed. Deleted ones are, unless only ended ones are replaced. */
export function isFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true;
  return !replacesFailedOnly(job) && isPodTerminating(pod);
}

function natural(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** The pod's completion index; undefined when it has none. */
export function completionIndexOf(pod: Pod): number | undefined {
  return natural(pod.metadata?.annotations?.[COMPLETION_INDEX]);
}

/** Whether the pod counts for this Job: Indexed ones want an index in range. */
export function hasValidIndex(pod: Pod, job: Job): boolean {
  return !isIndexed(job) || (completionIndexOf(pod) ?? Number.POSITIVE_INFINITY) < completionsOf(job);
}

/** Failures of the pod's index before it that count towards backoffLimitPerIndex. */
export function indexFailuresOf(pod: Pod): number {
  return natural(pod.metadata?.annotations?.[INDEX_FAILURES]) ?? 0;
}

/** Failures of the pod's index before it that don't count. */
export function ignoredIndexFailuresOf(pod: Pod): number {
  return natural(pod.metadata?.annotations?.[INDEX_IGNORED_FAILURES]) ?? 0;
}
