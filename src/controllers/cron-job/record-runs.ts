import type { TimerRun, TimerRuns } from '../../../systemd/timer-runs.ts';
import type { CronJob, Job, Pod } from '../../kinds/types.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Past } from '../../registry/registry.ts';
import { timeOf } from '../clock.ts';
import { isBeingRecorded, RECORDING_ANNOTATION } from '../job/job-facts.ts';
import { nameOf, namespaceOf, uidOf } from '../meta.ts';
import type { RunReader } from '../pod-status/facts.ts';
import { isStatus, type Resource, type Resources } from '../resources.ts';
import { referenceTo } from './active-jobs.ts';
import type { Timetable } from './missed-runs.ts';
import { type RecordedRun, type RunFacts, recordedRun } from './recorded-run.ts';

/** Where runs that timers started are found. */
export interface RunRecords {
  readonly timerRuns: TimerRuns;
  readonly runs?: RunReader;
  readonly hostIp: () => string;
}

interface Recording {
  readonly resources: Resources;
  readonly records: RunRecords;
  readonly timetable: Timetable;
  readonly now: number;
}

/** Stores an object that existed before; undefined when another one has its name. */
async function store<T extends KubernetesObject>(resource: Resource<T>, object: T, past: Past): Promise<T | undefined> {
  try {
    return await resource.create(object, { past, namespace: namespaceOf(object) });
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
    const found = resource.find(namespaceOf(object), nameOf(object));
    return found !== undefined && uidOf(found) === past.uid ? found : undefined;
  }
}

async function release(job: Job, resources: Resources): Promise<Job | undefined> {
  return resources.jobs.modify(job, (now) => {
    const { [RECORDING_ANNOTATION]: _, ...annotations } = now.metadata?.annotations ?? {};
    return isBeingRecorded(now) ? { ...now, metadata: { ...now.metadata, annotations } } : undefined;
  });
}

/** Stores the Job, held until its pod is stored too: at no moment is there a Job whose pod seems to be missing. */
async function storeRun({ job, jobPast, pod, podPast }: RecordedRun, resources: Resources): Promise<Job | undefined> {
  const stored = await store(resources.jobs, job, jobPast);
  if (stored === undefined || !isBeingRecorded(stored)) return stored;
  await store<Pod>(resources.pods, pod, podPast);
  return (await release(stored, resources)) ?? stored;
}

function later(time: string | undefined, ms: number): string {
  return timeOf(time) > ms ? (time ?? '') : formatTime(ms);
}

/** How containers ended that have ended for good. */
function finalEnds(runs: Awaited<ReturnType<RunReader['read']>>): RunFacts['ends'] {
  const ends = Object.entries(runs).flatMap(([name, { end }]) => (end?.isFinal ? [[name, end] as const] : []));
  return Object.fromEntries(ends);
}

async function record(cronJob: CronJob, run: TimerRun, recording: Recording): Promise<Job | undefined> {
  const { resources, records, timetable, now } = recording;
  const left = (await records.runs?.read(run.facts['POD_UID'] ?? '')) ?? {};
  const found = recordedRun(cronJob, run, { ends: finalEnds(left), hostIp: records.hostIp(), now, timetable });
  const job = await storeRun(found, resources);
  await resources.cronJobs.modify(
    cronJob,
    ({ status, ...rest }) => {
      const others = (status?.active ?? []).filter(({ uid }) => uid !== job?.metadata?.uid);
      const active = job === undefined ? others : [...others, referenceTo(job)];
      return { ...rest, status: { ...status, active, lastScheduleTime: later(status?.lastScheduleTime, found.time) } };
    },
    'status',
  );
  await records.timerRuns.release(uidOf(cronJob), run.slot);
  return job;
}

/** Notes up to which time the timer has followed the schedule: of runs beyond the history limits nothing else is left. */
async function noteReached(cronJob: CronJob, { resources, records }: Recording): Promise<void> {
  const reached = await records.timerRuns.reached(uidOf(cronJob));
  if (reached === undefined || reached * 1000 <= timeOf(cronJob.status?.lastScheduleTime)) return;
  const lastScheduleTime = formatTime(reached * 1000);
  await resources.cronJobs.modify(
    cronJob,
    (now) => ({ ...now, status: { ...now.status, lastScheduleTime } }),
    'status',
  );
}

/**
 * Stores what the CronJob's timer ran while nobody watched, as Jobs and pods with the uids that they had on the
 * machine. It can be done again at any point. Resolves with the Jobs.
 */
export async function recordRuns(cronJob: CronJob, recording: Recording): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (const run of await recording.records.timerRuns.list(uidOf(cronJob))) {
    const job = await record(cronJob, run, recording);
    if (job !== undefined) jobs.push(job);
  }
  await noteReached(cronJob, recording);
  return jobs;
}
