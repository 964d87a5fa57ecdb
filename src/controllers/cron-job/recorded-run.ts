import type { TimerRun } from '../../../systemd/timer-runs.ts';
import type { CronJob, Job, Pod, PodStatus } from '../../kinds/types.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Past } from '../../registry/registry.ts';
import { RECORDING_ANNOTATION } from '../job/job-facts.ts';
import type { RunEnd } from '../pod-status/facts.ts';
import { mapPodStatus } from '../pod-status/map-pod-status.ts';
import { jobForRun } from './cron-plan.ts';
import type { Timetable } from './missed-runs.ts';

/** A run of a timer as the objects that would be there, had the API server been. */
export interface RecordedRun {
  /** The scheduled time, ms since 1970. */
  readonly time: number;
  readonly job: Job;
  readonly jobPast: Past;
  readonly pod: Pod;
  readonly podPast: Past;
}

/** What the machine knows of a run's pod. */
export interface RunFacts {
  readonly ends: { readonly [container: string]: RunEnd };
  readonly hostIp: string;
  /** ms since the epoch. */
  readonly now: number;
}

/** Init containers have ended well when every app container has ended. */
function observed(pod: Pod, ends: RunFacts['ends']) {
  const nothing = { unit: undefined, container: undefined, probe: undefined, waiting: undefined };
  const [first] = Object.values(ends).toSorted((a, b) => a.finishedAt - b.finishedAt);
  const well = first && { ...first, exitCode: 0, message: '', failure: '', result: 'success' };
  const init = (pod.spec?.initContainers ?? []).map(({ name }) => {
    return [name, { ...nothing, ...(well ? { end: well } : {}) }] as const;
  });
  const apps = Object.entries(ends).map(([name, end]) => [name, { ...nothing, end }] as const);
  return Object.fromEntries([...init, ...apps]);
}

/** The status of a pod that has ended; of one that runs, only what its start fixed. */
function statusOf(
  pod: Pod,
  facts: RunFacts,
  { ip, startedAt }: { readonly ip: string; readonly startedAt: string },
): PodStatus {
  const begun = { ...pod.status, phase: 'Pending', podIP: ip, podIPs: [{ ip }], startTime: startedAt };
  const { ends, hostIp, now } = facts;
  const containers = pod.spec?.containers ?? [];
  if (!containers.every(({ name }) => ends[name] !== undefined)) return begun;
  const containerStatuses = containers.map(({ name, image = '' }) => {
    return { name, image, imageID: '', ready: false, restartCount: 0, state: { running: { startedAt } } };
  });
  const observation = {
    gate: undefined,
    infra: undefined,
    containers: observed(pod, ends),
    imageNames: {},
    hostIps: hostIp === '' ? [] : [hostIp],
  };
  const was = { ...pod, status: { ...begun, containerStatuses } };
  return mapPodStatus(was, { observation, bases: undefined, now }) ?? begun;
}

/** The Job and the pod of a run that a timer started. Pure. */
export function recordedRun(
  cronJob: CronJob,
  run: TimerRun,
  given: RunFacts & { readonly timetable: Timetable },
): RecordedRun {
  const time = Number(run.slot) * 60_000;
  const startedAt = formatTime(Number(run.facts['STARTED'] ?? 0) * 1000);
  const job = jobForRun(cronJob, time, given.timetable.zone);
  const pod = run.made as Pod;
  const { uid: _, creationTimestamp: __, resourceVersion: ___, ...metadata } = pod.metadata ?? {};
  const podStatus = statusOf(pod, given, { ip: run.facts['ADDRESS'] ?? '', startedAt });
  return {
    time,
    job: {
      ...job,
      metadata: {
        ...job.metadata,
        annotations: { ...job.metadata?.annotations, [RECORDING_ANNOTATION]: pod.metadata?.name ?? '' },
      },
    },
    jobPast: { uid: run.facts['JOB_UID'] ?? '', creationTimestamp: startedAt, status: { startTime: startedAt } },
    pod: { ...pod, metadata },
    podPast: { uid: run.facts['POD_UID'] ?? '', creationTimestamp: startedAt, status: podStatus },
  };
}
