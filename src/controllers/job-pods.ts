import type { Job, Pod } from '../kinds/types.ts';
import { findCondition } from '../machinery/conditions.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { formatTime } from '../machinery/time.ts';
import type { Clock } from './clock.ts';
import type { Controller, Requeue } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { ownedBy } from './indexes.ts';
import { conclude, planAccounts, settle, withVerdict } from './job/accounts.ts';
import {
  isBeingRecorded,
  isJobFinished,
  isManagedElsewhere,
  isSuspended,
  isTracked,
  type JobStatus,
  TRACKING_FINALIZER,
} from './job/job-facts.ts';
import {
  type JobAction,
  measuredLook,
  measuredPods,
  measureFailures,
  measureManager,
  measureStatus,
  measureTracking,
  modeOf,
} from './job/job-measures.ts';
import { type JobView, viewJob } from './job/job-view.ts';
import { JOB_TYPE, planJobPods } from './job/pods-plan.ts';
import { newCondition, planCompletion, planVerdict, untilDeadline, type Verdict } from './job/verdict.ts';
import { createMeasures, type Measures } from './measures.ts';
import { controllerReference, isDeleting, namespaceOf, objectKey, splitKey } from './meta.ts';
import type { Resource, Resources } from './resources.ts';
import { claimPods, ownersOfPod } from './workloads/owned-pods.ts';
import { createPods, deletePods, type PodControl, type PodFailure, tell } from './workloads/pod-control.ts';

/** What the controller needs. */
export interface JobOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  /** Nobody reads them unless told. */
  readonly measures?: Measures;
}

/** One pass over one Job. */
interface Pass extends Required<JobOptions> {
  readonly job: Job;
  readonly control: PodControl;
}

/** What became of the pods. */
interface Managed {
  readonly failure: PodFailure | undefined;
  readonly waitMs: number;
  readonly action: JobAction;
}

/** Takes the tracking finalizer off a pod: nothing counts it any more. */
export async function releaseJobPod(pod: Pod, pods: Resource<Pod>): Promise<void> {
  await pods.modify(pod, (now) => {
    if (!isTracked(now)) return undefined;
    const finalizers = now.metadata?.finalizers?.filter((f) => f !== TRACKING_FINALIZER);
    return { ...now, metadata: { ...now.metadata, finalizers } };
  });
}

async function writeStatus({ job, resources, measures }: Pass, status: JobStatus): Promise<void> {
  const stored = resources.jobs.find(namespaceOf(job), job.metadata?.name ?? '');
  if (semanticEqual(stored?.status, status)) return;
  await resources.jobs.modify(job, (now) => ({ ...now, status }), 'status');
  measureStatus(measures, job, [stored?.status ?? {}, status]);
}

/** The Job with this status and the pods that it has now: reads see all our writes. */
function look(pass: Pass, status: JobStatus): JobView {
  const pods = ownedBy(pass.job, pass.resources.pods);
  return viewJob({ ...pass.job, status }, pods, pass.clock.now());
}

async function managePods(pass: Pass, view: JobView, verdict: Verdict | undefined): Promise<Managed> {
  const { control, resources } = pass;
  if (verdict !== undefined) {
    // Said before it is done: the reason of the end must survive a crash amid the deletions.
    await writeStatus(pass, withVerdict(view.job.status ?? {}, verdict, view.now));
    const action = view.active.length > 0 ? 'pods_deleted' : 'reconciling';
    return { failure: await deletePods(view.active, control), waitMs: 0, action };
  }
  const { remove, create, waitMs } = planJobPods(view);
  for (const pod of remove) await releaseJobPod(pod, resources.pods);
  const creating = { ...control, pods: measuredPods(pass.measures, control.pods, view) };
  const action = remove.length > 0 ? 'pods_deleted' : create.length > 0 ? 'pods_created' : 'tracking';
  return { failure: (await deletePods(remove, control)) ?? (await createPods(create, creating)), waitMs, action };
}

/** The status with the Suspended condition as the spec has it; a resumed Job starts its time anew. */
function withSuspension(pass: Pass, status: JobStatus): JobStatus {
  const now = pass.clock.now();
  const before = findCondition(status.conditions, 'Suspended');
  const suspended = isSuspended(pass.job);
  if (before === undefined ? !suspended : (before.status === 'True') === suspended) return status;
  const [reason, message] = suspended ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed'];
  const changed = {
    ...newCondition({ type: 'Suspended', reason, message }, now),
    status: suspended ? 'True' : 'False',
  };
  tell(pass.control, 'Normal', [suspended ? 'Suspended' : 'Resumed', message]);
  const others = (status.conditions ?? []).filter((c) => c.type !== 'Suspended');
  return {
    ...status,
    conditions: [...others, changed],
    startTime: suspended ? status.startTime : formatTime(now),
  };
}

function tellEnd({ job, control, measures }: Pass, status: JobStatus, verdict: Verdict): void {
  const result = verdict.type === 'FailureTarget' ? 'failed' : 'succeeded';
  const labels = { completion_mode: modeOf(job), result, reason: verdict.reason };
  measures.add('job_controller_jobs_finished_total', labels);
  if (verdict.type === 'FailureTarget') {
    tell(control, 'Warning', [verdict.reason, verdict.message]);
    return;
  }
  const { completions } = job.spec ?? {};
  if (completions !== undefined && (status.succeeded ?? 0) > completions) {
    const message = 'Too many succeeded pods running after completion count reached';
    tell(control, 'Warning', ['TooManySucceededPods', message]);
  }
  tell(control, 'Normal', ['Completed', 'Job completed']);
}

/** Counts what has ended, lets it go, and ends the Job when nothing is left. */
async function account(pass: Pass, view: JobView, verdict: Verdict | undefined): Promise<void> {
  const accounts = planAccounts(view, verdict);
  await writeStatus(pass, accounts.status);
  measureFailures(pass.measures, pass.job, accounts.losses);
  for (const pod of accounts.release) await releaseJobPod(pod, pass.resources.pods);
  const after = look(pass, accounts.status);
  const settled = settle(after, accounts.status);
  const final = verdict !== undefined && !accounts.partial ? conclude(after, settled, verdict) : undefined;
  await writeStatus(pass, final ?? settled);
  if (final !== undefined && verdict !== undefined) tellEnd(pass, final, verdict);
}

async function sync(pass: Pass, initial: JobStatus, did: (action: JobAction) => void): Promise<Requeue | undefined> {
  const before = look(pass, initial);
  const early = planVerdict(before);
  const { failure, waitMs, action } = await managePods(pass, before, early);
  did(action);
  const present = look(pass, early === undefined ? initial : withVerdict(initial, early, before.now));
  const verdict = early ?? planCompletion(present);
  const keepsGoing = verdict === undefined && !isDeleting(pass.job);
  const status = keepsGoing ? withSuspension(pass, present.job.status ?? {}) : (present.job.status ?? {});
  const view = { ...present, job: { ...present.job, status } };
  await account(pass, view, verdict);
  if (failure !== undefined) throw new Error(failure.message);
  if (verdict !== undefined) return undefined;
  const waits = [untilDeadline(view), waitMs].filter((ms) => ms !== undefined && ms > 0) as readonly number[];
  return waits.length > 0 ? { afterMs: Math.min(...waits) } : undefined;
}

async function reconcile(key: string, options: Required<JobOptions>): Promise<Requeue | undefined> {
  const { resources, clock } = options;
  const { namespace, name } = splitKey(key);
  const job = resources.jobs.find(namespace, name);
  if (job === undefined || isManagedElsewhere(job) || isJobFinished(job) || isBeingRecorded(job)) return undefined;
  const claim = { selector: job.spec?.selector, reference: controllerReference(job, JOB_TYPE) };
  await claimPods(job, { ...claim, finalizer: TRACKING_FINALIZER }, resources.pods);
  const control = { ...options, owner: job, component: 'job-controller', pods: resources.pods };
  const startTime = job.status?.startTime ?? (isSuspended(job) ? undefined : formatTime(clock.now()));
  const pass = { ...options, job, control };
  return measuredLook(pass, (did) => sync(pass, { ...job.status, startTime }, did));
}

/** Runs Jobs to their end: makes pods, counts each that has ended exactly once, and says how it went. */
export function jobPods(given: JobOptions): Controller {
  const options = { measures: createMeasures(), ...given };
  const { measures } = options;
  const owner = { type: JOB_TYPE, resource: options.resources.jobs, selectorOf: (job: Job) => job.spec?.selector };
  return {
    name: 'job-pods',
    concurrency: 4,
    inputs: [
      {
        resource: 'batch/jobs',
        keys: (change) => {
          measureManager(measures, change);
          return [objectKey(change.entry.object)];
        },
      },
      {
        resource: '/pods',
        keys: (change) => {
          measureTracking(measures, change);
          return ownersOfPod(change, owner);
        },
      },
    ],
    outputs: [
      { what: 'batch/jobs#status', mode: 'exclusive' },
      { what: '/pods of a Job', mode: 'exclusive' },
      { what: `finalizer ${TRACKING_FINALIZER}`, mode: 'shared' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: (key) => reconcile(key, options),
  };
}
