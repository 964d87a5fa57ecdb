import type { Job, Pod } from '../kinds/types.ts';
import type { Controller, ObjectChange } from './controller.ts';
import { ownedBy } from './indexes.ts';
import { isJobFinished, isManagedElsewhere, isTracked, TRACKING_FINALIZER } from './job/job-facts.ts';
import { JOB_TYPE } from './job/pods-plan.ts';
import { releaseJobPod } from './job-pods.ts';
import { controllerOf, namespaceOf, objectKey, splitKey, uidOf } from './meta.ts';
import type { Resources } from './resources.ts';

/** Whether nobody will ever count this pod: its Job is gone, has ended, or isn't its owner. */
export function isForgotten(pod: Pod, findJob: (namespace: string, name: string) => Job | undefined): boolean {
  if (!isTracked(pod)) return false;
  const owner = controllerOf(pod);
  if (owner === undefined) return true;
  if (owner.kind !== JOB_TYPE.kind || owner.apiVersion !== JOB_TYPE.apiVersion) return false;
  const job = findJob(namespaceOf(pod), owner.name);
  if (job === undefined || uidOf(job) !== owner.uid) return true;
  return isJobFinished(job) && !isManagedElsewhere(job);
}

/** A Job that ends or goes may leave pods behind that still hold the finalizer. */
function podsOfEnded({ type, entry }: ObjectChange, { pods }: Resources): readonly string[] {
  const job = entry.object as Job;
  if (type !== 'DELETED' && !isJobFinished(job)) return [];
  return ownedBy(job, pods).filter(isTracked).map(objectKey);
}

/** Takes the tracking finalizer off pods that no Job counts any more, so that they can be deleted. */
export function jobPodRelease({ resources }: { readonly resources: Resources }): Controller {
  const { pods, jobs } = resources;
  return {
    name: 'job-pod-release',
    inputs: [
      {
        resource: '/pods',
        keys: ({ type, entry }) => (type !== 'DELETED' && isTracked(entry.object) ? [objectKey(entry.object)] : []),
      },
      { resource: 'batch/jobs', keys: (change) => podsOfEnded(change, resources) },
    ],
    outputs: [{ what: `finalizer ${TRACKING_FINALIZER}`, mode: 'shared' }],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const pod = pods.find(namespace, name);
      if (pod !== undefined && isForgotten(pod, jobs.find)) await releaseJobPod(pod, pods);
      return undefined;
    },
  };
}
