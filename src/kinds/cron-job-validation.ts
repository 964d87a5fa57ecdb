import { invalidValue, required } from '../machinery/field-path.ts';
import { checkSchedule, isTimeZone } from './cron-schedule.ts';
import { validateJobTemplate } from './job-validation.ts';
import type { CronJob, Draft } from './types.ts';
import { type Findings, validateEnum, validateNonNegative } from './validation.ts';

type Object = Draft<CronJob>;

/** The controller adds up to eleven characters for the names of its jobs. */
const MAX_NAME = 52;

function validateSchedule(schedule: string | undefined, timeZone: string | undefined): Findings {
  const path = 'spec.schedule';
  if (!schedule) return [required(path)];
  if (schedule.includes('TZ')) {
    const detail =
      timeZone === undefined
        ? 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
        : 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    return [invalidValue(path, schedule, detail)];
  }
  const wrong = checkSchedule(schedule);
  return wrong === undefined ? [] : [invalidValue(path, schedule, wrong)];
}

/** `validateTimeZone`. */
function validateTimeZone(timeZone: string | undefined): Findings {
  const path = 'spec.timeZone';
  if (timeZone === undefined) return [];
  if (timeZone === '') return [invalidValue(path, timeZone, 'timeZone must be nil or non-empty string')];
  if (timeZone.toLowerCase() === 'local') {
    const detail = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    return [invalidValue(path, timeZone, detail)];
  }
  return isTimeZone(timeZone) ? [] : [invalidValue(path, timeZone, `unknown time zone ${timeZone}`)];
}

/** `ValidateCronJobCreate`. */
export function validateCronJob(job: Object): Findings {
  const spec = job.spec ?? {};
  const name = job.metadata?.name ?? '';
  return [
    ...(name.length > MAX_NAME ? [invalidValue('metadata.name', name, 'must be no more than 52 characters')] : []),
    ...validateSchedule(spec.schedule, spec.timeZone),
    ...validateTimeZone(spec.timeZone),
    ...validateNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'),
    ...validateEnum(spec.concurrencyPolicy, 'spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace']),
    ...validateJobTemplate(spec.jobTemplate?.spec ?? {}, 'spec.jobTemplate.spec'),
    ...validateNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
    ...validateNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
  ];
}
