import type { Job } from '../../kinds/types.ts';
import { countIndexes, countShared, type IndexSet, parseIndexes } from './index-set.ts';
import { completionsOf } from './job-facts.ts';

type Rule = NonNullable<NonNullable<Job['spec']>['successPolicy']>['rules'][number];

function isMet({ succeededIndexes, succeededCount }: Rule, succeeded: IndexSet, completions: number): boolean {
  if (succeededIndexes === undefined) {
    return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
  }
  const wanted = parseIndexes(succeededIndexes, completions);
  const shared = countShared(wanted, succeeded);
  return wanted.length > 0 && shared >= Math.min(countIndexes(wanted), succeededCount ?? Number.POSITIVE_INFINITY);
}

/** The message of the first rule that the succeeded indexes fulfil; undefined when there is none. Pure. */
export function metSuccessPolicy(job: Job, succeeded: IndexSet): string | undefined {
  if (succeeded.length === 0) return undefined;
  const rules = job.spec?.successPolicy?.rules ?? [];
  const index = rules.findIndex((rule) => isMet(rule, succeeded, completionsOf(job)));
  return index < 0 ? undefined : `Matched rules at index ${index}`;
}
