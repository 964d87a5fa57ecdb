import { encodeUnit, type Setting } from '../../quadlet/encode-unit.ts';
import { oldestPodman } from '../../quadlet/podman-version.ts';
import { serializeUnit } from '../../quadlet/unit-text.ts';
import type { CronJob, Pod } from '../../src/kinds/types.ts';
import type { CronSchedule } from '../../src/machinery/cron/cron-schedule.ts';
import { calendarEvents } from '../formats/calendar.ts';
import type { HostDirectory, HostFile, HostLink, Translation } from '../host-file.ts';
import { type CronUnitNames, cronFolder, cronUnitNames } from './cron-job/names.ts';
import { type RunScript, runScript } from './cron-job/run-script.ts';
import { inSection } from './pod/settings.ts';

/** What a CronJob's timer depends on beside it. */
export interface CronContext {
  readonly schedule: CronSchedule;
  /** The pod of a run, complete but for what only a run knows: see `PLACEHOLDER`. */
  readonly pod: Pod;
  /** That pod as host files. */
  readonly translation: Translation;
  /** No run before: seconds since 1970. */
  readonly since: number;
  readonly roots: RunScript['roots'];
  readonly addresses: RunScript['addresses'];
}

/** Without a calendar the script itself counts, each minute. */
const EVERY_MINUTE = '*-*-* *:*:00';

/**
 * A CronJob as host files: a timer with the schedule, a service that it starts, and below `cron/<uid>/compiled` all
 * that the service makes a run's pod of while the API server is away. Pure.
 */
export function translateCronJob(cronJob: CronJob, context: CronContext): Translation {
  const { name = '', namespace = '', uid = '' } = cronJob.metadata ?? {};
  const names = cronUnitNames({ namespace, name });
  const calendar = calendarEvents(context.schedule, cronJob.spec?.timeZone);
  const compiled = `${cronFolder(uid)}/compiled`;
  const within = copiesBelow(`${compiled}/files`, context.translation);
  const hasSecrets = [...within.files, ...within.directories].some(({ root }) => root === 'sealed');
  const stateFile = (path: string, content: string, mode: number): HostFile => ({ root: 'state', path, content, mode });
  return {
    files: [
      unitFile(names.timer, timerSettings(cronJob, names, calendar)),
      unitFile(names.service, serviceSettings(cronJob, `${context.roots.state}/${compiled}/run.sh`)),
      stateFile(`${compiled}/run.sh`, runScript(scriptOf(cronJob, names, { ...context, calendar, hasSecrets })), 0o700),
      stateFile(`${compiled}/pod.json`, `${JSON.stringify(context.pod)}\n`, 0o600),
      ...within.files,
    ],
    directories: [
      { root: 'state', path: 'cron', mode: 0o700 },
      { root: 'state', path: cronFolder(uid), mode: 0o700 },
      ...(hasSecrets ? [{ root: 'sealed', path: cronFolder(uid), mode: 0o700 } as const] : []),
      ...within.directories,
    ],
    links: [{ root: 'unit', path: `timers.target.wants/${names.timer}`, target: `../${names.timer}` }, ...within.links],
    diagnostics: context.translation.diagnostics,
  };
}

/** The pod's files under another root: what a run copies. */
function copiesBelow(
  folder: string,
  { files, directories, links }: Translation,
): Pick<Translation, 'files' | 'directories' | 'links'> {
  const moved = <T extends HostFile | HostDirectory | HostLink>(entry: T): T => ({
    ...entry,
    root: entry.root === 'sealed' ? 'sealed' : 'state',
    path: `${folder}/${entry.root}/${entry.path}`,
  });
  return { files: files.map(moved), directories: directories.map(moved), links: links.map(moved) };
}

function ownerSettings({ metadata }: CronJob): readonly Setting[] {
  return inSection('X-Kubernetes', [
    ['Kind', 'CronJob'],
    ['Namespace', metadata?.namespace ?? ''],
    ['Name', metadata?.name ?? ''],
    ['UID', metadata?.uid ?? ''],
    ['Generation', String(metadata?.generation ?? 1)],
  ]);
}

function unitFile(path: string, settings: readonly Setting[]): HostFile {
  return { root: 'unit', path, content: serializeUnit(encodeUnit(settings, oldestPodman).unit), mode: 0o644 };
}

function timerSettings(cronJob: CronJob, names: CronUnitNames, calendar: readonly string[]): readonly Setting[] {
  const { namespace, name } = cronJob.metadata ?? {};
  return [
    ...inSection('Unit', [['Description', `Schedule of CronJob ${namespace}/${name}: ${cronJob.spec?.schedule}`]]),
    ...inSection('Timer', [
      ...(calendar.length === 0 ? [EVERY_MINUTE] : calendar).map((event) => ['OnCalendar', event] as const),
      ['AccuracySec', '1s'],
      // The script knows the deadline, and what ran before.
      ['Persistent', 'true'],
      ['Unit', names.service],
    ]),
    ...inSection('Install', [['WantedBy', 'timers.target']]),
    ...ownerSettings(cronJob),
  ];
}

function serviceSettings(cronJob: CronJob, script: string): readonly Setting[] {
  const { namespace, name } = cronJob.metadata ?? {};
  return [
    ...inSection('Unit', [['Description', `Run of CronJob ${namespace}/${name} while the API server is away`]]),
    ...inSection('Service', [
      ['Type', 'oneshot'],
      ['ExecStart', [script]],
    ]),
    ...ownerSettings(cronJob),
  ];
}

function scriptOf(
  cronJob: CronJob,
  names: CronUnitNames,
  context: CronContext & Pick<RunScript, 'calendar' | 'hasSecrets'>,
): RunScript {
  const { schedule, pod, since, roots, addresses, calendar, hasSecrets } = context;
  const { namespace = '', name = '', uid = '', generation = 1 } = cronJob.metadata ?? {};
  const { startingDeadlineSeconds, concurrencyPolicy, successfulJobsHistoryLimit, failedJobsHistoryLimit } =
    cronJob.spec ?? {};
  return {
    owner: `Kind=CronJob Namespace=${namespace} Name=${name} UID=${uid} Generation=${generation}`,
    cronJob: name,
    namespace,
    schedule,
    calendar,
    since,
    deadline: startingDeadlineSeconds,
    concurrency: concurrencyPolicy === 'Forbid' || concurrencyPolicy === 'Replace' ? concurrencyPolicy : 'Allow',
    keep: { succeeded: successfulJobsHistoryLimit ?? 3, failed: failedJobsHistoryLimit ?? 1 },
    containers: names.containers,
    apps: (pod.spec?.containers ?? []).map((container) => container.name),
    folder: `${roots.state}/${cronFolder(uid)}`,
    secrets: cronFolder(uid),
    hasSecrets,
    roots,
    addresses,
  };
}
