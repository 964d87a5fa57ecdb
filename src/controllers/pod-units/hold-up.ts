import type { Pod } from '../../kinds/types.ts';
import type { Requeue } from '../controller.ts';
import type { Happening } from '../events.ts';
import { uidOf } from '../meta.ts';
import type { WaitingReason } from '../pod-status/facts.ts';
import { type Agent, kubelet } from './agent.ts';
import type { GatheredClaims } from './claims.ts';
import { hostPathFailures } from './host-paths.ts';
import { missingReferences, type ReferencedObjects } from './references.ts';

/** How soon a folder of the host is looked at again: nobody tells of its change. */
const HOST_PATH_CHECK_MS = 10_000;

/** The kubelet's sentence for a volume that it can't set up. */
export function failedMount(volume: string, message: string): Happening {
  return kubelet('Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${volume}" : ${message}`);
}

/** Tells why the pod's references keep it from starting; true when they do. */
function reportMissing(pod: Pod, objects: ReferencedObjects, { waiting, recorder }: Agent): boolean {
  const missing = missingReferences(pod, objects);
  const reasons: { [container: string]: WaitingReason } = {};
  for (const { reference, message } of missing) {
    if (reference.container !== undefined) {
      reasons[reference.container] ??= { reason: 'CreateContainerConfigError', message };
      recorder.record(pod, kubelet('Warning', 'Failed', `Error: ${message}`));
    } else {
      recorder.record(pod, failedMount(reference.volume ?? '', message));
    }
  }
  if (missing.length > 0) waiting.set(uidOf(pod), reasons);
  return missing.length > 0;
}

/** What a pod needs before it can start. */
export interface Needs {
  readonly objects: ReferencedObjects;
  readonly claims: GatheredClaims;
  /** It has its units already: they look for themselves. */
  readonly isHosted: boolean;
}

/** Tells what keeps the pod from starting, and when to look again if nothing will wake us; undefined when nothing does. */
export async function holdUp(
  pod: Pod,
  { objects, claims, isHosted }: Needs,
  agent: Agent,
): Promise<{ readonly requeue?: Requeue } | undefined> {
  const tell = (message: string): void => agent.recorder.record(pod, kubelet('Warning', 'FailedMount', message));
  for (const message of claims.failures) tell(message);
  if (reportMissing(pod, objects, agent) || claims.failures.length > 0) return {};
  const { readPathType } = agent;
  if (isHosted || readPathType === undefined) return undefined;
  const failures = await hostPathFailures(pod, claims.volumes, readPathType);
  for (const message of failures) tell(message);
  return failures.length > 0 ? { requeue: { afterMs: HOST_PATH_CHECK_MS } } : undefined;
}
