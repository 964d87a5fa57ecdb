import type { Pod } from '../../kinds/types.ts';
import { isDeleting, uidOf } from '../meta.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import type { HostedPod } from './inventory.ts';

/** The next thing to do about a pod's name on this host. */
export type PodUnitsPlan =
  | { readonly action: 'none' }
  /** Take these off the machine first; look again afterwards. */
  | { readonly action: 'teardown'; readonly pods: readonly HostedPod[]; readonly graceSeconds: number }
  /** Nothing is left here: the object may go. */
  | { readonly action: 'finalize' }
  /** Make sure that it runs. */
  | { readonly action: 'run' };

/** What the plan depends on. */
export interface PodUnitsFacts {
  /** The pod of that name, if it is bound to this node. */
  readonly pod: Pod | undefined;
  /** Pods with files of that name here; more than one, or another uid, when a pod was replaced. */
  readonly hosted: readonly HostedPod[];
}

function teardownOf(pods: readonly HostedPod[], graceSeconds: number): PodUnitsPlan {
  return { action: 'teardown', pods, graceSeconds };
}

/** Decides. Predecessors of the same name go before anything else happens; nobody waits for them any more. Pure. */
export function planPodUnits({ pod, hosted }: PodUnitsFacts): PodUnitsPlan {
  const strangers = hosted.filter((h) => pod === undefined || h.uid !== uidOf(pod));
  if (strangers.length > 0) return teardownOf(strangers, 0);
  if (pod === undefined) return { action: 'none' };
  if (isDeleting(pod)) {
    if (hosted.length === 0) return { action: 'finalize' };
    return teardownOf(hosted, pod.metadata?.deletionGracePeriodSeconds ?? 0);
  }
  if (!isPodFinished(pod)) return { action: 'run' };
  return hosted.length > 0 ? teardownOf(hosted, pod.spec?.terminationGracePeriodSeconds ?? 30) : { action: 'none' };
}
