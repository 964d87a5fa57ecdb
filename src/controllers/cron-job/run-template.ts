import { PLACEHOLDER, placeholderPodName } from '../../../translators/units/cron-job/placeholders.ts';
import type { CronJob, Job, Pod } from '../../kinds/types.ts';
import { isIndexed } from '../job/job-facts.ts';
import { basicPod } from '../job/pods-plan.ts';
import { nameOf, namespaceOf } from '../meta.ts';
import type { Resources } from '../resources.ts';
import { jobForRun } from './cron-plan.ts';

/** Admission ends these volumes' names at random; runs that differ in nothing shall have equal files. */
const RANDOM_VOLUME = /kube-api-access-[a-z0-9]{5}/g;

/** Whether one pod is all that a run is: more of them wait for the API server. */
export function isSinglePod(cronJob: CronJob): boolean {
  const {
    parallelism = 1,
    completions = 1,
    suspend,
    completionMode,
    managedBy,
  } = cronJob.spec?.jobTemplate?.spec ?? {};
  const single = parallelism === 1 && completions === 1 && !suspend && managedBy === undefined;
  return single && !isIndexed({ spec: { completionMode } } as Job);
}

function named(job: Job, cronJob: CronJob): Job {
  const { annotations } = cronJob.spec?.jobTemplate?.metadata ?? {};
  return { ...job, metadata: { ...job.metadata, name: `${nameOf(cronJob)}-${PLACEHOLDER.minute}`, annotations } };
}

/**
 * The pod that a run would have, with placeholders for what only the run knows: made as any, through admission, but
 * not stored. Rejects with StatusError when it would be refused.
 */
export async function podForRun(cronJob: CronJob, resources: Resources, nodeName: string): Promise<Pod> {
  const { creationTimestamp = '' } = cronJob.metadata ?? {};
  const namespace = namespaceOf(cronJob);
  const job = await resources.jobs.create(named(jobForRun(cronJob, 0, undefined), cronJob), {
    dryRun: true,
    namespace,
    past: { uid: PLACEHOLDER.jobUid, creationTimestamp },
  });
  const { metadata: { generateName: _, ...metadata } = {}, ...pod } = basicPod(job);
  const { address: ip, podUid } = PLACEHOLDER;
  const made = await resources.pods.create(
    { ...pod, metadata: { ...metadata, name: placeholderPodName(nameOf(cronJob)) } },
    { dryRun: true, namespace, past: { uid: podUid, creationTimestamp } },
  );
  const { resourceVersion: __, managedFields: ___, ...meta } = made.metadata ?? {};
  const status = { ...made.status, podIP: ip, podIPs: [{ ip }] };
  const complete = { ...made, metadata: meta, spec: made.spec && { ...made.spec, nodeName }, status };
  return JSON.parse(JSON.stringify(complete).replace(RANDOM_VOLUME, 'kube-api-access-qsrun')) as Pod;
}
