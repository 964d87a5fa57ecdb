import { child, invalidField, invalidValue } from '../../machinery/field-path.ts';
import type { Findings } from '../validation.ts';
import { type Change, CONDITIONS, hasCondition, PATH, type Verdict, when } from './job-status-change.ts';

/** What has been said of a Job is not taken back. */
export function validateTransition({ job, status, before, now, was, changes }: Change): Findings {
  const { completionMode, completions, parallelism, suspend = false } = job.spec ?? {};
  const terminal = { failed: 'Failed', complete: 'Complete', failureTarget: 'FailureTarget' } as const;
  const disabled = Object.entries(terminal).filter(
    ([name]) => was[name as keyof Verdict] && !now[name as keyof Verdict],
  );
  const shrinks = completionMode === 'Indexed' && completions === parallelism;
  const resumes = hasCondition(before, 'Suspended') && hasCondition(status, 'Suspended', 'False');
  const [failed, succeeded] = [status.failed ?? 0, status.succeeded ?? 0];
  const lost = (field: string): string => `cannot decrease the ${field} counter`;
  return [
    ...disabled.map(([, type]) => invalidField(CONDITIONS, `cannot disable the terminal ${type}=True condition`)),
    ...when(failed < (before.failed ?? 0), invalidValue(child(PATH, 'failed'), failed, lost('failed'))),
    ...when(
      !shrinks && succeeded < (before.succeeded ?? 0),
      invalidValue(child(PATH, 'succeeded'), succeeded, lost('succeeded')),
    ),
    ...when(
      Boolean(status.completionTime && before.completionTime) && changes('completionTime'),
      invalidValue(child(PATH, 'completionTime'), status.completionTime, 'field is immutable'),
    ),
    ...when(
      Boolean(before.startTime) && changes('startTime') && !suspend && !resumes,
      invalidValue(
        child(PATH, 'startTime'),
        status.startTime ?? null,
        'field is immutable for unsuspended job once set',
      ),
    ),
    ...when(
      was.criteriaMet && !now.criteriaMet,
      invalidField(CONDITIONS, 'cannot disable the SuccessCriteriaMet=True condition'),
    ),
    ...when(
      was.complete && !was.criteriaMet && now.criteriaMet,
      invalidField(CONDITIONS, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'),
    ),
  ];
}
