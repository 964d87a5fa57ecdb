import type { Pod } from '../../kinds/types.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { StatusError } from '../../machinery/status-error.ts';
import type { EventRecorder, Happening } from '../events.ts';
import { nameOf } from '../meta.ts';
import type { Resource } from '../resources.ts';

/** Makes and deletes the pods of one owner and tells of it in the owner's Events. */
export interface PodControl {
  readonly owner: KubernetesObject;
  /** Who says so: `replicaset-controller`, `job-controller`, … */
  readonly component: string;
  readonly pods: Resource<Pod>;
  readonly recorder: EventRecorder;
}

/** Why pods could not be made or deleted. */
export interface PodFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** The message of whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Records an Event about the owner. */
export function tell(
  { owner, component, recorder }: Omit<PodControl, 'pods'>,
  type: Happening['type'],
  [reason, message]: readonly [reason: string, message: string],
): void {
  recorder.record(owner, { type, reason, message, component });
}

/** Whether a create was refused because the namespace is going: nothing to tell, nothing to retry for. */
export function isNamespaceTerminating(error: unknown): boolean {
  const causes = error instanceof StatusError ? error.status.details?.causes : undefined;
  return causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false;
}

async function createOne(pod: Pod, control: PodControl): Promise<void> {
  const created = await control.pods.create(pod);
  tell(control, 'Normal', ['SuccessfulCreate', `Created pod: ${nameOf(created)}`]);
}

function createFailure(error: unknown, control: PodControl): PodFailure {
  const message = errorText(error);
  if (!isNamespaceTerminating(error)) tell(control, 'Warning', ['FailedCreate', `Error creating: ${message}`]);
  return { reason: 'FailedCreate', message };
}

/**
 * Makes pods in batches of 1, 2, 4, …: a template that can't be created fails once, not for every pod.
 * Resolves with the first failure of the batch that ended it.
 */
export async function createPods(pods: readonly Pod[], control: PodControl): Promise<PodFailure | undefined> {
  for (let made = 0, batch = 1; made < pods.length; made += batch, batch *= 2) {
    const results = await Promise.allSettled(pods.slice(made, made + batch).map((pod) => createOne(pod, control)));
    const failed = results.find((r) => r.status === 'rejected');
    if (failed !== undefined) return createFailure(failed.reason, control);
  }
  return undefined;
}

/** Deletes pods one after the other; stops at the first failure. */
export async function deletePods(pods: readonly Pod[], control: PodControl): Promise<PodFailure | undefined> {
  for (const pod of pods) {
    try {
      await control.pods.delete(pod);
      tell(control, 'Normal', ['SuccessfulDelete', `Deleted pod: ${nameOf(pod)}`]);
    } catch (error) {
      tell(control, 'Warning', ['FailedDelete', `Error deleting: ${errorText(error)}`]);
      return { reason: 'FailedDelete', message: errorText(error) };
    }
  }
  return undefined;
}
