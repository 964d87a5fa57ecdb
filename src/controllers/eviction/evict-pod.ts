import type { ServiceManager } from '../../../systemd/service-manager.ts';
import { podUnitNames } from '../../../translators/units/pod-names.ts';
import type { Pod } from '../../kinds/types.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { objectKey, uidOf } from '../meta.ts';
import { priorityOf } from '../scheduling/preemption.ts';
import type { EvictionBoard } from './boards.ts';

/** `system-cluster-critical`: such pods stay, whatever the machine is short of. */
const CRITICAL_PRIORITY = 2_000_000_000;
/** How long a pod has that has to go at once, in seconds. */
export const IMMEDIATE_GRACE = 1;

/** Whether the node can't do without the pod. */
export function isCriticalPod(pod: Pod): boolean {
  return priorityOf(pod) >= CRITICAL_PRIORITY;
}

/** What evicting takes. */
export interface Evictor {
  readonly evictions: EvictionBoard;
  readonly serviceManager: Pick<ServiceManager, 'get' | 'stop'>;
  /** Tells the pod's units until when (seconds since the epoch) they have to be gone. */
  readonly stopBy?: (uid: string, deadline: number) => Promise<void>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** Why, and how soon. */
export interface EvictionOrder {
  readonly message: string;
  readonly graceSeconds: number;
  /** Whether it is for want of room on the node. */
  readonly isDisruption: boolean;
}

/**
 * Stops a pod for good: it becomes Failed when nothing of it runs, and its units go then. False for a pod that may not
 * be evicted. Doesn't wait for the end.
 */
export async function evictPod(pod: Pod, order: EvictionOrder, evictor: Evictor): Promise<boolean> {
  if (isCriticalPod(pod)) return false;
  const { evictions, recorder, clock, log, stopBy } = evictor;
  const { message, graceSeconds, isDisruption } = order;
  recorder.record(pod, { type: 'Warning', reason: 'Evicted', message, component: 'kubelet' });
  log.info({ pod: objectKey(pod), message }, 'evicting a pod');
  await stopBy?.(uidOf(pod), Math.ceil(clock.now() / 1000) + graceSeconds);
  evictions.set(uidOf(pod), { message, isDisruption, since: clock.elapsed() });
  stopGate(pod, evictor).catch((err: unknown) => log.warn({ pod: objectKey(pod), err }, 'an evicted pod goes on'));
  return true;
}

async function stopGate(pod: Pod, { serviceManager, evictions }: Evictor): Promise<void> {
  const { gate } = podUnitNames(pod);
  const { loadState } = await serviceManager.get(gate);
  if (loadState !== 'not-found') await serviceManager.stop(gate);
  // Whoever has looked meanwhile may have seen it running.
  const eviction = evictions.get(uidOf(pod));
  if (eviction !== undefined) evictions.set(uidOf(pod), eviction);
}
