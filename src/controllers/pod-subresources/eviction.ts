import type { Pod, PodDisruptionBudget } from '../../kinds/types.ts';
import { findCondition, setCondition } from '../../machinery/conditions.ts';
import type { KubernetesObject, ObjectKey } from '../../machinery/object.ts';
import { badRequest, forbidden, StatusError, tooManyRequests } from '../../machinery/status-error.ts';
import { formatTime } from '../../machinery/time.ts';
import type { DeleteOptions, Registry, WriteOptions } from '../../registry/registry.ts';
import type { Clock } from '../clock.ts';
import { type BudgetStatus, withAllowedCondition } from '../disruption/budget-plan.ts';
import { isDeleting, nameOf } from '../meta.ts';
import { isStatus, kindOf } from '../resources.ts';
import { selects } from '../workloads/claim.ts';
import { isPodReady } from '../workloads/pod-facts.ts';

/** A create through `pods/eviction` or `pods/binding`; fits the server's `SubresourceCall`. */
export interface PodSubresourceCall {
  readonly key: ObjectKey;
  readonly body: object;
  readonly options: WriteOptions;
}

/** What the handlers of pods' subresources need. */
export interface PodSubresourceOptions {
  readonly registry: Registry;
  readonly clock: Clock;
}

interface Eviction extends KubernetesObject {
  readonly deleteOptions?: Omit<DeleteOptions, 'dryRun'> & { readonly dryRun?: readonly string[] };
}

/** How an eviction goes on: refused otherwise. */
type Permission = 'free' | 'counted' | 'if-unchanged';

const REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget.";
/** Most evictions that a budget remembers. */
const MAX_DISRUPTED = 2000;
const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

function refused(message: string, retryAfterSeconds: number): StatusError {
  const { status } = tooManyRequests(REFUSAL, retryAfterSeconds);
  const causes = [{ reason: 'DisruptionBudget', message }];
  const details = retryAfterSeconds === 0 ? { causes } : { ...status.details, causes };
  return new StatusError({ ...status, details });
}

function stillProcessed(budget: PodDisruptionBudget): StatusError {
  return refused(`The disruption budget ${nameOf(budget)} is still being processed by the server.`, 10);
}

function notEnough(budget: PodDisruptionBudget, status: BudgetStatus): StatusError {
  const failed = findCondition(status.conditions, 'DisruptionAllowed');
  if (failed?.reason === 'SyncFailed') {
    const why = `does not allow evicting pods currently because it failed sync: ${failed.message}`;
    return refused(`The disruption budget ${nameOf(budget)} ${why}`, 0);
  }
  const { desiredHealthy, currentHealthy } = status;
  const numbers = `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return refused(`The disruption budget ${nameOf(budget)} ${numbers}`, 0);
}

/** The budget with one disruption less, for this pod; throws the refusal where there is none left. Pure. */
export function countedDown(budget: PodDisruptionBudget, podName: string, now: number): PodDisruptionBudget {
  const { status } = budget;
  const subject = { group: 'policy', resource: 'poddisruptionbudget', name: nameOf(budget) };
  if (status === undefined || (status.observedGeneration ?? 0) < (budget.metadata?.generation ?? 0)) {
    throw stillProcessed(budget);
  }
  const { disruptionsAllowed: allowed = 0 } = status;
  if (allowed < 0) throw forbidden(subject, 'pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > MAX_DISRUPTED) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(subject, why);
  }
  if (allowed === 0) throw notEnough(budget, status);
  const disruptedPods = { ...status.disruptedPods, [podName]: formatTime(now) };
  const less = { ...status, disruptionsAllowed: allowed - 1, disruptedPods };
  return { ...budget, status: withAllowedCondition(less, budget.metadata?.generation, now) };
}

/** Whether the pod's state lets it go without asking a budget. */
function isBeyondBudgets(pod: Pod): boolean {
  return isDeleting(pod) || ['Succeeded', 'Failed', 'Pending'].includes(pod.status?.phase ?? '');
}

/** Whether an unready pod may go without being counted: it isn't among the healthy ones anyway. */
function isFreeWhileUnready({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function budgetOf(pod: Pod, registry: Registry): PodDisruptionBudget | undefined {
  const kind = kindOf(registry, 'policy/poddisruptionbudgets');
  const { entries } = registry.list(kind, { namespace: pod.metadata?.namespace ?? '' });
  const budgets = entries.map(({ object }) => object as PodDisruptionBudget);
  const [first, ...others] = budgets.filter(({ spec }) => selects(spec?.selector, pod));
  if (others.length === 0) return first;
  const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
  throw new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 });
}

async function askBudget(
  pod: Pod,
  { registry, clock }: PodSubresourceOptions,
  dryRun: boolean,
): Promise<{ readonly permission: Permission; readonly budget?: PodDisruptionBudget }> {
  if (isBeyondBudgets(pod)) return { permission: pod.status?.phase === 'Pending' ? 'if-unchanged' : 'free' };
  const budget = budgetOf(pod, registry);
  if (budget === undefined) return { permission: 'free' };
  if (!isPodReady(pod) && isFreeWhileUnready(budget)) return { permission: 'if-unchanged', budget };
  const kind = kindOf(registry, 'policy/poddisruptionbudgets');
  const key = { namespace: budget.metadata?.namespace ?? '', name: nameOf(budget) };
  const count = (now: PodDisruptionBudget): PodDisruptionBudget => countedDown(now, nameOf(pod), clock.now());
  await registry.modify(kind, key, count, { subresource: 'status', dryRun });
  return { permission: 'counted', budget };
}

/** Says on the pod why it goes. */
function withDisruptionTarget(pod: Pod, now: number): Pod {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    observedGeneration: pod.metadata?.generation,
  };
  const conditions = setCondition(pod.status?.conditions, condition, formatTime(now));
  return { ...pod, status: { ...pod.status, conditions } };
}

function deletionOf({ deleteOptions = {} }: Eviction, options: WriteOptions): DeleteOptions {
  const { gracePeriodSeconds, propagationPolicy, preconditions, dryRun = [] } = deleteOptions;
  return {
    user: options.user,
    gracePeriodSeconds,
    propagationPolicy,
    preconditions,
    dryRun: options.dryRun === true || dryRun.includes('All'),
  };
}

interface Step {
  readonly pod: Pod;
  readonly key: ObjectKey;
  readonly deletion: DeleteOptions;
}

async function deleteMarked({ registry, clock }: PodSubresourceOptions, { pod, key, deletion }: Step): Promise<void> {
  const pods = kindOf(registry, '/pods');
  if (!isDeleting(pod) && !deletion.dryRun) {
    const mark = (now: Pod): Pod => withDisruptionTarget(now, clock.now());
    await registry.modify(pods, key, mark, { subresource: 'status' });
  }
  await registry.delete(pods, key, deletion);
}

/** Deletes a pod whose readiness decided, unless it has changed meanwhile; then the client shall try again. */
async function deleteUnchanged(
  { registry }: PodSubresourceOptions,
  { pod, key, deletion }: Step,
  budget: PodDisruptionBudget | undefined,
): Promise<void> {
  const preconditions = { resourceVersion: pod.metadata?.resourceVersion, ...deletion.preconditions };
  try {
    await registry.delete(kindOf(registry, '/pods'), key, { ...deletion, preconditions });
  } catch (error) {
    const asked = deletion.preconditions?.resourceVersion !== undefined;
    if (isStatus(error, 'Conflict') && !asked && budget !== undefined) throw stillProcessed(budget);
    throw error;
  }
}

/** Answers `pods/eviction`: deletes the pod if its disruption budget allows it, 429 otherwise. */
export function createEvictionHandler(house: PodSubresourceOptions) {
  return async ({ key, body, options }: PodSubresourceCall): Promise<{ readonly object: object }> => {
    const eviction = body as Eviction;
    const named = eviction.metadata?.name ?? key.name;
    if (named !== key.name) throw badRequest('name in URL does not match name in Eviction object');
    const deletion = deletionOf(eviction, options);
    const pod = house.registry.get(kindOf(house.registry, '/pods'), key).object as Pod;
    const { permission, budget } = await askBudget(pod, house, deletion.dryRun ?? false);
    const step = { pod, key, deletion };
    await (permission === 'if-unchanged' ? deleteUnchanged(house, step, budget) : deleteMarked(house, step));
    return { object: SUCCESS };
  };
}
