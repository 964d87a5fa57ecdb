import { child, duplicate, index, invalidField, invalidValue, required } from '../../machinery/field-path.ts';
import { parseTime } from '../../machinery/time.ts';
import { commonJobIndex, countJobIndexes } from '../job-indexes.ts';
import { type Findings, validateNonNegative } from '../validation.ts';
import {
  type Change,
  CONDITIONS,
  changeOf,
  type JobDraft,
  PATH,
  type Status,
  type Verdict,
  when,
} from './job-status-change.ts';
import { validateTransition } from './job-status-transition.ts';

const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const satisfies readonly (keyof Status)[];

const isFinished = ({ complete, failed }: Verdict): boolean => complete || failed;
const finishes = ({ now, was }: Change): boolean => isFinished(now) !== isFinished(was);

function validateUncounted({ uncountedTerminatedPods: uncounted }: Status): Findings {
  const uids = [
    ...(uncounted?.succeeded ?? []).map((uid, at) => [uid, 'succeeded', at] as const),
    ...(uncounted?.failed ?? []).map((uid, at) => [uid, 'failed', at] as const),
  ];
  return uids.flatMap(([uid, list, at], position) => {
    const field = index(child(PATH, 'uncountedTerminatedPods', list), at);
    if (uid === '') return [invalidValue(field, uid, 'must not be empty')];
    return uids.findIndex(([other]) => other === uid) < position ? [duplicate(field, uid)] : [];
  });
}

/** Conditions that exclude each other, or that come together. */
function validateVerdict({ job, now, was }: Change): Findings {
  const changed = (...names: readonly (keyof Verdict)[]): boolean => names.some((name) => now[name] !== was[name]);
  const { complete, failed, failureTarget, criteriaMet } = now;
  const rules: readonly (readonly [wrong: boolean, detail: string])[] = [
    [complete && failed && changed('complete', 'failed'), 'cannot set Complete=True and Failed=true conditions'],
    [
      complete && failureTarget && changed('complete', 'failureTarget'),
      'cannot set Complete=True and FailureTarget=true conditions',
    ],
    [
      failed && !failureTarget && changed('failed'),
      'cannot set Failed=True condition without the FailureTarget=true condition',
    ],
    [
      complete && !criteriaMet && changed('complete', 'criteriaMet'),
      'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ],
    [criteriaMet && failed, 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
    [criteriaMet && failureTarget, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
    [
      job.spec?.successPolicy !== undefined && complete && !criteriaMet,
      'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
    ],
  ];
  return rules.flatMap(([wrong, detail]) => when(wrong, invalidField(CONDITIONS, detail)));
}

function validateTimes(change: Change): Findings {
  const { status, now, was, changes } = change;
  const { startTime, completionTime } = status;
  const field = child(PATH, 'completionTime');
  const ends = now.complete !== was.complete || changes('completionTime');
  const [start, end] = [parseTime(startTime ?? ''), parseTime(completionTime ?? '')];
  const backwards = start !== undefined && end !== undefined && end < start;
  return [
    ...when(
      ends && Boolean(completionTime) && !now.complete,
      invalidValue(field, completionTime, 'cannot set completionTime when there is no Complete=True condition'),
    ),
    ...when(ends && !completionTime && now.complete, required(field, 'completionTime is required for Complete jobs')),
    ...when(
      backwards && changes('startTime', 'completionTime'),
      invalidValue(field, completionTime, 'must be equal to or after `startTime`'),
    ),
  ];
}

/** What a finished Job has no more of. */
function validateFinished(change: Change): Findings {
  const { job, status, now, changes } = change;
  if (!isFinished(now)) return [];
  const { active = 0, startTime, uncountedTerminatedPods: uncounted, terminating = 0 } = status;
  const waiting = (uncounted?.failed ?? []).length + (uncounted?.succeeded ?? []).length;
  const isEmpty = job.spec?.suspend === true && job.spec.completions === 0;
  const touches = (field: keyof Status): boolean => finishes(change) || changes(field);
  return [
    ...when(
      active > 0 && touches('active'),
      invalidValue(child(PATH, 'active'), active, 'active>0 is invalid for finished job'),
    ),
    ...when(
      !startTime && !isEmpty && touches('startTime'),
      required(child(PATH, 'startTime'), 'startTime is required for finished job'),
    ),
    ...when(
      waiting > 0 && touches('uncountedTerminatedPods'),
      invalidValue(child(PATH, 'uncountedTerminatedPods'), uncounted, 'must be empty for finished job'),
    ),
    ...when(
      terminating > 0 && touches('terminating'),
      invalidValue(child(PATH, 'terminating'), terminating, 'terminating>0 is invalid for finished job'),
    ),
  ];
}

function validateIndexes({ job, status, changes }: Change): Findings {
  const { completions, completionMode, backoffLimitPerIndex } = job.spec ?? {};
  const { completedIndexes = '', failedIndexes } = status;
  const [completed, failed] = [child(PATH, 'completedIndexes'), child(PATH, 'failedIndexes')];
  const unread = (text: string, what: string): Findings => {
    const count = countJobIndexes(text, completions ?? 0);
    return when(
      !count.ok,
      invalidValue(child(PATH, what), text, `error parsing ${what}: ${count.ok || count.message}`),
    );
  };
  const common = commonJobIndex(completedIndexes, failedIndexes ?? '', completions ?? 0);
  const perIndex = backoffLimitPerIndex !== undefined;
  return [
    ...(completions !== undefined && changes('completedIndexes') ? unread(completedIndexes, 'completedIndexes') : []),
    ...(completions !== undefined && perIndex && changes('failedIndexes')
      ? unread(failedIndexes ?? '', 'failedIndexes')
      : []),
    ...when(
      completedIndexes !== '' && completionMode !== 'Indexed' && changes('completedIndexes'),
      invalidValue(
        completed,
        completedIndexes,
        'cannot set non-empty completedIndexes when non-indexed completion mode',
      ),
    ),
    ...when(
      failedIndexes !== undefined && !perIndex && changes('failedIndexes'),
      invalidValue(failed, failedIndexes, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'),
    ),
    ...when(
      common !== undefined && changes('failedIndexes', 'completedIndexes'),
      invalidValue(failed, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${common}`),
    ),
  ];
}

/** `ValidateJobStatusUpdate`. */
export function validateJobStatus(job: JobDraft, old: JobDraft): Findings {
  const change = changeOf(job, old);
  const { status, changes } = change;
  const { ready = 0, active = 0 } = status;
  return [
    ...COUNTS.flatMap((field) => validateNonNegative(status[field], child(PATH, field))),
    ...validateUncounted(status),
    ...validateVerdict(change),
    ...validateTimes(change),
    ...validateFinished(change),
    ...validateIndexes(change),
    ...when(
      ready > active && changes('ready', 'active'),
      invalidValue(child(PATH, 'ready'), ready, 'cannot set more ready pods than active'),
    ),
    ...validateTransition(change),
  ];
}
