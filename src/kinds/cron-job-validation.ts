import { invalidValue, required } from '../machinery/field-path.ts';
import { validateJobSpec } from './job-validation.ts';
import type { CronJob, Draft } from './types.ts';
import { type Findings, validateEnum, validateNonNegative } from './validation.ts';

type Object = Draft<CronJob>;

/** The controller adds up to eleven characters for the names of its jobs. */
const MAX_NAME = 52;
const DESCRIPTORS = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/;
const FIELD = /^[\d*?/,A-Za-z-]+$/;

function isSchedule(schedule: string): boolean {
  const fields = schedule.trim().split(/\s+/);
  return DESCRIPTORS.test(schedule) || (fields.length === 5 && fields.every((field) => FIELD.test(field)));
}

function validateSchedule(schedule: string | undefined): Findings {
  if (!schedule) return [required('spec.schedule')];
  if (/TZ=/.test(schedule)) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    return [invalidValue('spec.schedule', schedule, detail)];
  }
  if (isSchedule(schedule)) return [];
  const count = schedule.trim().split(/\s+/).length;
  const detail = `expected exactly 5 fields, found ${count}: ${JSON.stringify(schedule.trim().split(/\s+/)).replaceAll(',', ' ').replaceAll('"', '')}`;
  return [invalidValue('spec.schedule', schedule, detail)];
}

/** `ValidateCronJobCreate`. */
export function validateCronJob(job: Object): Findings {
  const spec = job.spec ?? {};
  const name = job.metadata?.name ?? '';
  return [
    ...(name.length > MAX_NAME ? [invalidValue('metadata.name', name, 'must be no more than 52 characters')] : []),
    ...validateSchedule(spec.schedule),
    ...validateNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'),
    ...validateEnum(spec.concurrencyPolicy, 'spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace']),
    ...validateJobSpec(spec.jobTemplate?.spec ?? {}, 'spec.jobTemplate.spec'),
    ...validateNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
    ...validateNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
  ];
}
