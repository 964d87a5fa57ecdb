import { semanticEqual } from '../../machinery/deep.ts';
import { child } from '../../machinery/field-path.ts';
import type { Draft, Job } from '../types.ts';
import type { Findings } from '../validation.ts';

/** A Job as it comes in. */
export type JobDraft = Draft<Job>;
/** Its status. */
export type Status = NonNullable<JobDraft['status']>;

/** Where statuses are. */
export const PATH = 'status';
/** Where their conditions are. */
export const CONDITIONS = child(PATH, 'conditions');

/** Whether a status has a condition so. */
export function hasCondition({ conditions = [] }: Status, type: string, status = 'True'): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === status);
}

/** What the conditions of a Job say. */
export interface Verdict {
  readonly complete: boolean;
  readonly failed: boolean;
  readonly failureTarget: boolean;
  readonly criteriaMet: boolean;
}

function verdictOf(status: Status): Verdict {
  return {
    complete: hasCondition(status, 'Complete'),
    failed: hasCondition(status, 'Failed'),
    failureTarget: hasCondition(status, 'FailureTarget'),
    criteriaMet: hasCondition(status, 'SuccessCriteriaMet'),
  };
}

/** A status beside the one before: most rules hold for what a write changes, so that an old fault stops no other change. */
export interface Change {
  readonly job: JobDraft;
  readonly status: Status;
  readonly before: Status;
  readonly now: Verdict;
  readonly was: Verdict;
  /** Whether a write changes one of these fields. */
  readonly changes: (...fields: readonly (keyof Status)[]) => boolean;
}

/** Puts the two beside each other. */
export function changeOf(job: JobDraft, old: JobDraft): Change {
  const [status, before] = [job.status ?? {}, old.status ?? {}];
  const changes = (...fields: readonly (keyof Status)[]): boolean =>
    fields.some((field) => !semanticEqual(status[field], before[field]));
  return { job, status, before, now: verdictOf(status), was: verdictOf(before), changes };
}

/** The findings, if something is wrong. */
export function when(wrong: boolean, ...findings: Findings): Findings {
  return wrong ? findings : [];
}
