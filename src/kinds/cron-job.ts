import { ageColumn, column, elapsedSince, nameColumn, orElse, selectorColumn, templateColumns } from './columns.ts';
import { validateCronJob } from './cron-job-validation.ts';
import { defineKind } from './define-kind.ts';
import { applyJobSpecDefaults } from './job-defaults.ts';
import { templateWarnings } from './pod-spec/pod-spec-warnings.ts';
import type { CronJob, Draft } from './types.ts';

type Object = Draft<CronJob>;

function lastSchedule(job: Object, now: number): string {
  const last = job.status?.lastScheduleTime;
  return last ? elapsedSince(last, now) : '<none>';
}

/** `SetDefaults_CronJob`. */
function applyDefaults(job: Object): Object {
  const spec = job.spec ?? {};
  return {
    ...job,
    spec: {
      ...spec,
      concurrencyPolicy: spec.concurrencyPolicy || 'Allow',
      suspend: spec.suspend ?? false,
      successfulJobsHistoryLimit: spec.successfulJobsHistoryLimit ?? 3,
      failedJobsHistoryLimit: spec.failedJobsHistoryLimit ?? 1,
      jobTemplate: { ...spec.jobTemplate, spec: applyJobTemplateDefaults(spec.jobTemplate?.spec) },
    },
  };
}

/** A job template keeps open what a job made from it decides; only its pods get defaults. */
function applyJobTemplateDefaults(spec: NonNullable<NonNullable<Object['spec']>['jobTemplate']>['spec']) {
  const { template } = applyJobSpecDefaults({ template: spec?.template });
  return { ...spec, template };
}

/** batch/v1 CronJob. */
export const cronJobKind = defineKind<Object>({
  group: 'batch',
  kind: 'CronJob',
  shortNames: ['cj'],
  categories: ['all'],
  hasStatus: true,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Schedule', 'string', 'When it runs.', (o) => o.spec?.schedule ?? ''),
    column('Timezone', 'string', 'Where the clock stands.', (o) => orElse(o.spec?.timeZone, '<none>')),
    column('Suspend', 'boolean', 'Whether it is held.', (o) =>
      o.spec?.suspend === undefined ? '<unset>' : o.spec.suspend ? 'True' : 'False',
    ),
    column('Active', 'integer', 'Jobs that run now.', (o) => o.status?.active?.length ?? 0),
    column('Last Schedule', 'string', 'Time since it last ran.', lastSchedule),
    ageColumn,
    ...templateColumns<Object>((o) => o.spec?.jobTemplate?.spec?.template),
    selectorColumn((o) => o.spec?.jobTemplate?.spec?.selector),
  ],
  defaults: applyDefaults,
  validate: validateCronJob,
  warnings: (job) => templateWarnings(job.spec?.jobTemplate?.spec?.template, 'spec.jobTemplate.spec.template'),
  support: {
    level: 'full',
    note: 'A systemd timer each: runs without the API server too, which records afterwards what ran.',
  },
});
