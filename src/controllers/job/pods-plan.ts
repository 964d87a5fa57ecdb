import type { Job, Pod } from '../../kinds/types.ts';
import { controllerReference, isDeleting, nameOf } from '../meta.ts';
import { inDeletionOrder } from '../workloads/deletion-order.ts';
import { podFromTemplate } from '../workloads/pod-from-template.ts';
import { indexBackOff, jobBackOff } from './back-off.ts';
import { countsAsFailure } from './failure-policy.ts';
import { firstMissing, mergeIndexes, withIndexes } from './index-set.ts';
import {
  COMPLETION_INDEX,
  completionIndexOf,
  completionsOf,
  hasValidIndex,
  INDEX_FAILURES,
  INDEX_IGNORED_FAILURES,
  ignoredIndexFailuresOf,
  indexFailuresOf,
  isIndexed,
  isSuspended,
  limitsPerIndex,
  replacesFailedOnly,
  TRACKING_FINALIZER,
} from './job-facts.ts';
import { indexesOf, type JobView } from './job-view.ts';

type Annotations = { readonly [key: string]: string };

/** Most pods made or deleted in one pass. */
const BURST = 500;
/** Longest base of a generated name. */
const MAX_BASE = 58;
/** How Jobs stand in their pods' owner references. */
export const JOB_TYPE = { apiVersion: 'batch/v1', kind: 'Job' };

/** Which pods to delete or to make, and when to look again because of back-off. */
export interface JobPodsPlan {
  readonly remove: readonly Pod[];
  readonly create: readonly Pod[];
  readonly waitMs: number;
}

const NOTHING: JobPodsPlan = { remove: [], create: [], waitMs: 0 };

function failureCounts(job: Job, replaced: Pod | undefined): Annotations {
  const counts = replaced !== undefined && countsAsFailure(job, replaced);
  const failures = replaced === undefined ? 0 : indexFailuresOf(replaced) + (counts ? 1 : 0);
  const ignored = replaced === undefined ? 0 : ignoredIndexFailuresOf(replaced) + (counts ? 0 : 1);
  return { [INDEX_FAILURES]: `${failures}`, ...(ignored > 0 ? { [INDEX_IGNORED_FAILURES]: `${ignored}` } : {}) };
}

type Containers = NonNullable<Pod['spec']>['containers'];

function withIndexVariable(containers: Containers): Containers {
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } };
  return containers.map((container) => {
    const env = container.env ?? [];
    return env.some((e) => e.name === variable.name) ? container : { ...container, env: [...env, variable] };
  });
}

function withIndex(pod: Pod, index: number, { job, awaitingReplacement }: JobView): Pod {
  const suffix = `-${index}-`;
  const counts = limitsPerIndex(job) ? failureCounts(job, awaitingReplacement.get(index)) : {};
  const mark = { [COMPLETION_INDEX]: `${index}` };
  const { spec } = pod;
  const initContainers = spec?.initContainers && withIndexVariable(spec.initContainers);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: nameOf(job).slice(0, MAX_BASE - suffix.length) + suffix,
      labels: { ...pod.metadata?.labels, ...mark },
      annotations: { ...pod.metadata?.annotations, ...mark, ...counts },
    },
    spec: spec && {
      ...spec,
      hostname: `${nameOf(job)}-${index}`,
      initContainers,
      containers: withIndexVariable(spec.containers),
    },
  };
}

/** A pod of the Job without an index. */
export function basicPod(job: Job): Pod {
  const pod = podFromTemplate(job, job.spec?.template, controllerReference(job, JOB_TYPE));
  const finalizers = pod.metadata?.finalizers ?? [];
  const tracked = finalizers.includes(TRACKING_FINALIZER) ? finalizers : [...finalizers, TRACKING_FINALIZER];
  return { ...pod, metadata: { ...pod.metadata, finalizers: tracked } };
}

function wantedActive({ job, succeeded, active }: JobView): number {
  const { parallelism = 1, completions } = job.spec ?? {};
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** Pods that share an index with a better one, or have none in range. */
function misfits({ job, active }: JobView): readonly Pod[] {
  if (!isIndexed(job)) return [];
  const kept = new Set<number>();
  const isMisfit = (pod: Pod): boolean => {
    const index = completionIndexOf(pod);
    if (index === undefined || !hasValidIndex(pod, job) || kept.has(index)) return true;
    kept.add(index);
    return false;
  };
  return [...inDeletionOrder(active)].reverse().filter(isMisfit);
}

function surplus(view: JobView, wanted: number): readonly Pod[] {
  const unfit = misfits(view);
  const more = Math.max(0, view.active.length - wanted - unfit.length);
  const others = inDeletionOrder(view.active.filter((pod) => !unfit.includes(pod)));
  return [...unfit, ...others.slice(0, more)].slice(0, BURST);
}

function pendingIndexes(view: JobView, count: number): readonly number[] {
  const { job, active, terminating, succeededIndexes, failedIndexes = [] } = view;
  const busy = replacesFailedOnly(job) ? [...active, ...terminating] : active;
  const taken = withIndexes(mergeIndexes(succeededIndexes, failedIndexes), indexesOf(busy));
  return firstMissing(taken, count, completionsOf(job));
}

function createByIndex(view: JobView, count: number): JobPodsPlan {
  const pod = basicPod(view.job);
  const waits = pendingIndexes(view, count).map((index) => ({
    index,
    ms: limitsPerIndex(view.job) ? indexBackOff(view.awaitingReplacement.get(index), view.now) : 0,
  }));
  const due = waits.filter(({ ms }) => ms === 0);
  const later = waits.filter(({ ms }) => ms > 0).map(({ ms }) => ms);
  const create = due.map(({ index }) => withIndex(pod, index, view));
  return { remove: [], create, waitMs: later.length > 0 ? Math.min(...later) : 0 };
}

function planCreation(view: JobView, missing: number): JobPodsPlan {
  const { job, pods, now } = view;
  const waitMs = limitsPerIndex(job) ? 0 : jobBackOff(job, pods, now);
  if (waitMs > 0) return { ...NOTHING, waitMs };
  const count = Math.min(missing, BURST);
  if (isIndexed(job)) return createByIndex(view, count);
  const pod = basicPod(job);
  return { ...NOTHING, create: Array.from({ length: count }, () => pod) };
}

/** Compares the Job's active pods with what it wants. Deletes or makes pods, never both in one pass. Pure. */
export function planJobPods(view: JobView): JobPodsPlan {
  const { job, active, terminating } = view;
  if (isDeleting(job)) return NOTHING;
  if (isSuspended(job)) return { ...NOTHING, remove: active.slice(0, BURST) };
  const wanted = wantedActive(view);
  const remove = surplus(view, wanted);
  if (remove.length > 0) return { ...NOTHING, remove };
  const missing = wanted - active.length - (replacesFailedOnly(job) ? terminating.length : 0);
  return missing > 0 ? planCreation(view, missing) : NOTHING;
}
