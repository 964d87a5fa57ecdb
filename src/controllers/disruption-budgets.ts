import type { Pod, PodDisruptionBudget } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { labelSelectorOf, printLabelSelector } from '../machinery/selectors.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import { type BudgetStatus, failedBudget, needsScale, planBudget } from './disruption/budget-plan.ts';
import { type ExpectedScale, expectedScale } from './disruption/expected-scale.ts';
import { podsAmong, selectorsAmong } from './indexes.ts';
import { namespaceOf, objectKey, splitKey } from './meta.ts';
import type { Resources } from './resources.ts';
import type { Scales } from './scales.ts';
import { selects } from './workloads/claim.ts';
import { errorText, tell } from './workloads/pod-control.ts';
import type { ReplicasOptions } from './workloads/replicas.ts';

const COMPONENT = 'controllermanager';

/** What the controller needs; without `scales` only upstream's own kinds of controllers count. */
export interface BudgetOptions extends ReplicasOptions {
  readonly scales?: Scales;
}

interface Pass extends BudgetOptions {
  readonly budget: PodDisruptionBudget;
  readonly pods: readonly Pod[];
}

async function writeStatus({ budget, resources }: Pass, status: BudgetStatus): Promise<void> {
  if (semanticEqual(status, budget.status)) return;
  // An eviction may have counted down in between: then the next pass, which its write brings, decides.
  await resources.podDisruptionBudgets.modify(
    budget,
    (now) => (semanticEqual(now.status, budget.status) ? { ...now, status } : undefined),
    'status',
  );
}

function tellUnmanaged({ budget, recorder }: Pass, { unmanaged }: ExpectedScale): void {
  if (unmanaged.length === 0) return;
  const parsed = labelSelectorOf(budget.spec?.selector);
  const selector = parsed.ok ? printLabelSelector(parsed.value) : '';
  const message =
    `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, ` +
    'the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';
  tell({ owner: budget, component: COMPONENT, recorder }, 'Warning', ['UnmanagedPods', message]);
}

async function count(pass: Pass): Promise<Requeue | undefined> {
  const { budget, pods, recorder, clock } = pass;
  const scale = needsScale(budget) ? expectedScale(pods, pass) : { total: 0, unmanaged: [] };
  tellUnmanaged(pass, scale);
  const plan = planBudget({ budget, pods, expectedScale: scale.total, now: clock.now() });
  for (const pod of plan.notDeleted) {
    const message = `Pod was expected by PDB ${objectKey(budget)} to be deleted but it wasn't`;
    tell({ owner: pod, component: COMPONENT, recorder }, 'Warning', ['NotDeleted', message]);
  }
  await writeStatus(pass, plan.status);
  return plan.nextMs === undefined ? undefined : { afterMs: plan.nextMs };
}

async function reconcile(key: string, options: BudgetOptions): Promise<Requeue | undefined> {
  const { resources, recorder, clock } = options;
  const { namespace, name } = splitKey(key);
  const budget = resources.podDisruptionBudgets.find(namespace, name);
  if (budget === undefined) return undefined;
  const pods = podsAmong(namespace, budget.spec?.selector?.matchLabels, resources.pods).filter((pod) =>
    selects(budget.spec?.selector, pod),
  );
  const pass = { ...options, budget, pods };
  const about = { owner: budget, component: COMPONENT, recorder };
  if (pods.length === 0) tell(about, 'Normal', ['NoPods', 'No matching pods found']);
  try {
    return await count(pass);
  } catch (error) {
    const message = `Failed to calculate the number of expected pods: ${errorText(error)}`;
    tell(about, 'Warning', ['CalculateExpectedPodCountFailed', message]);
    await writeStatus(pass, failedBudget(budget, errorText(error), clock.now()));
    return undefined;
  }
}

/** The budgets that count whatever has these labels. */
function budgetsOf(labelled: KubernetesObject, { podDisruptionBudgets }: Resources): readonly PodDisruptionBudget[] {
  const among = selectorsAmong(labelled, podDisruptionBudgets);
  return among.filter((budget) => selects(budget.spec?.selector, labelled));
}

type Workload = KubernetesObject & { readonly spec?: { readonly template?: KubernetesObject } };

/** The budgets that a workload's size matters to; its status says nothing of it. */
function budgetsOfScale({ type, entry, previous }: ObjectChange, { resources }: BudgetOptions): readonly string[] {
  const workload = entry.object as Workload;
  if (type === 'MODIFIED' && previous?.object.metadata?.generation === workload.metadata?.generation) return [];
  const labels = workload.spec?.template?.metadata?.labels;
  const pod = { metadata: { namespace: namespaceOf(workload), labels } };
  return budgetsOf(pod, resources).filter(needsScale).map(objectKey);
}

function budgetsOfPod({ entry, previous }: ObjectChange, { resources }: BudgetOptions): readonly string[] {
  const pods = [entry.object, previous?.object].filter((pod) => pod !== undefined);
  return pods.flatMap((pod) => budgetsOf(pod, resources).map(objectKey));
}

/** Keeps the status of PodDisruptionBudgets: how many of their pods may go now. */
export function disruptionBudgets(options: BudgetOptions): Controller {
  const scaled = ['/replicationcontrollers', 'apps/replicasets', 'apps/deployments', 'apps/statefulsets'];
  return {
    name: 'disruption-budgets',
    inputs: [
      { resource: 'policy/poddisruptionbudgets', keys: ({ entry }) => [objectKey(entry.object)] },
      { resource: '/pods', keys: (change) => budgetsOfPod(change, options) },
      ...scaled.map((resource) => ({ resource, keys: (change: ObjectChange) => budgetsOfScale(change, options) })),
    ],
    outputs: [
      // Shared with the eviction handler, which counts down.
      { what: 'policy/poddisruptionbudgets#status', mode: 'shared' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: (key) => reconcile(key, options),
  };
}
