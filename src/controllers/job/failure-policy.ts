import type { ContainerStatus, Job, Pod } from '../../kinds/types.ts';
import { nameOf, namespaceOf } from '../meta.ts';

type Policy = NonNullable<NonNullable<Job['spec']>['podFailurePolicy']>;
type Rule = Policy['rules'][number];
type ExitCodes = NonNullable<Rule['onExitCodes']>;

/** What the Job's policy says of a failed pod. */
export interface FailureVerdict {
  readonly action: 'Count' | 'Ignore' | 'FailIndex' | 'FailJob';
  /** For `FailJob`: why. */
  readonly message?: string;
}

function matchesCode({ operator, values }: ExitCodes, code: number): boolean {
  if (code === 0) return false;
  if (operator === 'In') return values.includes(code);
  return operator === 'NotIn' && !values.includes(code);
}

function byExitCode(pod: Pod, rule: Rule, index: number): string | undefined {
  const { onExitCodes } = rule;
  if (onExitCodes === undefined) return undefined;
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const { containerName } = onExitCodes;
  const fits = ({ name, state }: ContainerStatus): boolean =>
    (containerName === undefined || containerName === name) &&
    matchesCode(onExitCodes, state?.terminated?.exitCode ?? 0);
  const found = [...containerStatuses, ...initContainerStatuses].find(fits);
  if (found === undefined) return undefined;
  const where = `Container ${found.name} for pod ${namespaceOf(pod)}/${nameOf(pod)}`;
  const code = found.state?.terminated?.exitCode;
  return `${where} failed with exit code ${code} matching ${rule.action} rule at index ${index}`;
}

function byCondition(pod: Pod, rule: Rule, index: number): string | undefined {
  const patterns = rule.onPodConditions ?? [];
  const found = pod.status?.conditions?.find((c) => patterns.some((p) => p.type === c.type && p.status === c.status));
  if (found === undefined) return undefined;
  const where = `Pod ${namespaceOf(pod)}/${nameOf(pod)}`;
  return `${where} has condition ${found.type} matching ${rule.action} rule at index ${index}`;
}

const ACTIONS: readonly string[] = ['Count', 'Ignore', 'FailIndex', 'FailJob'] satisfies FailureVerdict['action'][];

function isAction(action: string): action is FailureVerdict['action'] {
  return ACTIONS.includes(action);
}

/** What the first rule of the policy that fits the failed pod says; undefined without one. Pure. */
export function matchingRule(policy: Policy | undefined, pod: Pod): FailureVerdict | undefined {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const message = rule.onExitCodes ? byExitCode(pod, rule, index) : byCondition(pod, rule, index);
    if (message === undefined || !isAction(rule.action)) continue;
    return rule.action === 'FailJob' ? { action: 'FailJob', message } : { action: rule.action };
  }
  return undefined;
}

/** The first rule that fits decides; without one the failure counts. Pure. */
export function judgeFailure(policy: Policy | undefined, pod: Pod): FailureVerdict {
  return matchingRule(policy, pod) ?? { action: 'Count' };
}

/** Whether the failed pod counts towards the back-off limits. */
export function countsAsFailure(job: Job, pod: Pod): boolean {
  return judgeFailure(job.spec?.podFailurePolicy, pod).action !== 'Ignore';
}
