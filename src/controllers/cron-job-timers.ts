import type { ServiceManager } from '../../systemd/service-manager.ts';
import type { UnitDirectory } from '../../systemd/unit-directory.ts';
import type { UnitLearner } from '../../systemd/unit-learner.ts';
import type { Translation } from '../../translators/host-file.ts';
import { cronJobOfTimer, cronUnitNames } from '../../translators/units/cron-job/names.ts';
import type { RunScript } from '../../translators/units/cron-job/run-script.ts';
import { translateCronJob } from '../../translators/units/cron-job.ts';
import type { Podman } from '../host/podman.ts';
import type { CronJob } from '../kinds/types.ts';
import { timeZone } from '../machinery/cron/time-zone.ts';
import { type Clock, timeOf } from './clock.ts';
import type { Controller, ObjectChange } from './controller.ts';
import { timetableOf } from './cron-job/cron-plan.ts';
import { isSinglePod, podForRun } from './cron-job/run-template.ts';
import type { EventRecorder } from './events.ts';
import { isDeleting, namespaceOf, objectKey, splitKey, uidOf } from './meta.ts';
import { gatherObjects, withImages } from './pod-units/gather-objects.ts';
import { createHostBatch, type HostBatch } from './pod-units/host-batch.ts';
import { timerAddresses } from './pod-units/pod-address.ts';
import { missingReferences } from './pod-units/references.ts';
import type { PodTranslator } from './pod-units.ts';
import type { Resources } from './resources.ts';

/** What timers are made from. */
export interface CronJobTimersOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly serviceManager: ServiceManager;
  readonly podman: Podman;
  readonly unitDirectory: UnitDirectory;
  /** Shows systemd new units; without it every change is a reload. */
  readonly learner?: UnitLearner;
  readonly translate: PodTranslator;
  readonly nodeName: string;
  readonly podCidr: string;
  /** Absolute folders of the roots. */
  readonly roots: RunScript['roots'];
}

interface Timers extends CronJobTimersOptions {
  readonly batch: HostBatch;
}

/** The CronJob as files; undefined when no timer can run it (now). */
async function compile(cronJob: CronJob, timers: Timers): Promise<Translation | undefined> {
  const { resources, nodeName, podCidr, roots } = timers;
  const timetable = timetableOf({ cronJob, zone: timeZone(cronJob.spec?.timeZone) });
  if (!timetable.ok || cronJob.spec?.suspend || !isSinglePod(cronJob)) return undefined;
  const pod = await podForRun(cronJob, resources, nodeName);
  const gathered = gatherObjects(pod, timers);
  if (missingReferences(pod, gathered).length > 0) return undefined;
  const timerRun = { deadlineSeconds: cronJob.spec?.jobTemplate.spec?.activeDeadlineSeconds };
  const objects = { ...(await withImages(pod, gathered, timers)), timerRun };
  const translation = timers.translate(pod, objects);
  if (translation.diagnostics.some(({ severity }) => severity === 'refused')) return undefined;
  const since = Math.floor(timeOf(cronJob.metadata?.creationTimestamp) / 1000);
  const { schedule } = timetable.value;
  return translateCronJob(cronJob, { schedule, pod, translation, since, roots, addresses: timerAddresses(podCidr) });
}

/** Whose files a timer of this name stands for. */
async function ownersOf(key: string, { unitDirectory }: Timers): Promise<readonly string[]> {
  const { timer } = cronUnitNames(splitKey(key));
  const entries = await unitDirectory.list();
  return entries.filter(({ root, path }) => root === 'unit' && path === timer).map(({ owner }) => owner);
}

/** Stops the timer and takes all of it off the machine, with what is left of an earlier CronJob of the name. */
async function remove(key: string, timers: Timers): Promise<void> {
  const owners = await ownersOf(key, timers);
  if (owners.length === 0) return;
  await timers.serviceManager.stop(cronUnitNames(splitKey(key)).timer);
  for (const owner of owners) await timers.batch.remove(owner);
}

async function write(cronJob: CronJob, key: string, timers: Timers, found: Translation): Promise<void> {
  const { serviceManager, batch } = timers;
  const strangers = (await ownersOf(key, timers)).filter((owner) => owner !== uidOf(cronJob));
  for (const owner of strangers) await batch.remove(owner);
  const { files, directories, links } = found;
  const changed = await batch.apply({ owner: uidOf(cronJob), files, directories, links });
  const { timer } = cronUnitNames(splitKey(key));
  const { activeState } = await serviceManager.get(timer);
  if (changed || activeState !== 'active') await serviceManager.restart(timer);
}

async function reconcile(key: string, timers: Timers): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const cronJob = timers.resources.cronJobs.find(namespace, name);
  const found = cronJob === undefined || isDeleting(cronJob) ? undefined : await compile(cronJob, timers);
  if (cronJob === undefined || found === undefined) await remove(key, timers);
  else await write(cronJob, key, timers, found);
  return undefined;
}

/** A change of its status is none of its files'. */
function cronJobKeys({ type, entry, previous }: ObjectChange): readonly string[] {
  const isStatus = type === 'MODIFIED' && entry.object.metadata?.generation === previous?.object.metadata?.generation;
  return isStatus && !isDeleting(entry.object) ? [] : [objectKey(entry.object)];
}

/**
 * Compiles CronJobs to timers, and the pods of their runs to what these make pods of: while the API server is away, the
 * schedule goes on. Runs of several pods, and those whose pod would be refused now, wait for the API server.
 */
export function cronJobTimers(options: CronJobTimersOptions): Controller {
  const batch = createHostBatch({ ...options, directory: options.unitDirectory });
  const timers = { ...options, batch };
  const neighbours = ({ entry }: ObjectChange): readonly string[] =>
    options.resources.cronJobs.list(namespaceOf(entry.object)).map(objectKey);
  return {
    name: 'cron-job-timers',
    inputs: [
      { resource: 'batch/cronjobs', keys: cronJobKeys },
      { resource: '/configmaps', keys: neighbours },
      { resource: '/secrets', keys: neighbours },
      { resource: '/serviceaccounts', keys: neighbours },
    ],
    outputs: [{ what: 'timers of CronJobs', mode: 'exclusive' }],
    extraKeys: async () => {
      const entries = await options.unitDirectory.list();
      return entries.flatMap(({ root, path }) => (root === 'unit' ? (cronJobOfTimer(path) ?? []) : []));
    },
    hints: (enqueue, signal) =>
      options.unitDirectory.watch?.(
        ({ path }) => {
          const key = cronJobOfTimer(path);
          if (key !== undefined) enqueue(key);
        },
        { signal },
      ),
    reconcile: (key) => reconcile(key, timers),
  };
}
