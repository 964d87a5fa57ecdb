import type { HostPressure } from '../host/pressure.ts';
import type { Pod } from '../kinds/types.ts';
import type { Controller, Requeue } from './controller.ts';
import type { PressureBoard } from './eviction/boards.ts';
import { type Evictor, evictPod, IMMEDIATE_GRACE } from './eviction/evict-pod.ts';
import { evictionMessage } from './eviction/eviction-message.ts';
import { type LoadReaders, readLoads } from './eviction/pod-usage.ts';
import { CALM, nextPressure, type PressureState } from './eviction/pressure-state.ts';
import { rankForEviction } from './eviction/rank.ts';
import { type Observations, observationsOf, resourceOf, type Signal } from './eviction/signals.ts';
import { type Threshold, thresholdsMet } from './eviction/thresholds.ts';
import { isDeleting, uidOf } from './meta.ts';
import type { Resources } from './resources.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

/** When the machine counts as short of something, and what becomes of pods then. */
export interface EvictionPolicy {
  readonly thresholds: readonly Threshold[];
  /** For how long a condition holds after it was last seen. */
  readonly transitionMs: number;
  /** Most that a pod gets to end after a soft threshold. */
  readonly maxPodGraceSeconds: number;
}

/** What the controller needs. */
export interface PressureEvictionOptions extends Evictor {
  readonly resources: Resources;
  readonly nodeName: string;
  readonly policy: EvictionPolicy;
  readonly readPressure: () => Promise<HostPressure>;
  readonly board: PressureBoard;
  readonly loads: LoadReaders;
  /** Gives back what nobody uses: images and dead containers. */
  readonly reclaimImages?: () => Promise<void>;
}

/** Between two looks. */
const LOOK_MS = 10_000;
/** While a pod is on its way out. */
const WAIT_MS = 2_000;
/** Longest wait for that before the next one goes. */
const PATIENCE_MS = 30_000;

/** The pods that hold something of this machine. */
function activePods({ resources, nodeName }: PressureEvictionOptions): readonly Pod[] {
  return resources.pods.list().filter((pod) => pod.spec?.nodeName === nodeName && !isPodFinished(pod));
}

/** Whether a pod that has to go is still going. */
function isMakingRoom(pods: readonly Pod[], { evictions, clock }: PressureEvictionOptions): boolean {
  return pods.some((pod) => clock.elapsed() - (evictions.get(uidOf(pod))?.since ?? -Infinity) < PATIENCE_MS);
}

/** Images and containers give back space where they are. */
function helpsReclaiming(signal: Signal, { isOneDisk }: HostPressure): boolean {
  return signal.startsWith('imagefs.') || (signal.startsWith('nodefs.') && isOneDisk);
}

function graceOf({ spec }: Pod, { isHard }: Threshold, { maxPodGraceSeconds }: EvictionPolicy): number {
  if (isHard) return IMMEDIATE_GRACE;
  return Math.min(maxPodGraceSeconds, spec?.terminationGracePeriodSeconds ?? maxPodGraceSeconds);
}

interface Shortage {
  readonly threshold: Threshold;
  readonly due: readonly Threshold[];
  readonly observations: Observations;
}

/** Sends away the one pod that goes first. */
async function evictOne(shortage: Shortage, options: PressureEvictionOptions): Promise<void> {
  const { threshold, due, observations } = shortage;
  const { loads, policy, evictions } = options;
  const resource = resourceOf(threshold.signal);
  const isGoing = (pod: Pod): boolean => isDeleting(pod) || evictions.get(uidOf(pod)) !== undefined;
  const pods = activePods(options).filter((pod) => !isGoing(pod));
  const withDisks = resource === 'ephemeral-storage' || resource === 'inodes';
  const measured = await readLoads(pods, { memory: loads.memory, disks: withDisks ? loads.disks : undefined });
  for (const pod of rankForEviction(pods, measured, resource)) {
    const message = evictionMessage(pod, measured.get(pod), { resource, due, observations });
    const order = { message, graceSeconds: graceOf(pod, threshold, policy), isDisruption: true };
    if (await evictPod(pod, order, options)) return;
  }
}

/** Gives back what nobody uses; true when that was enough. */
async function reclaim({ signal }: Threshold, pressure: HostPressure, options: PressureEvictionOptions) {
  const { reclaimImages, readPressure, policy, log } = options;
  if (reclaimImages === undefined || !helpsReclaiming(signal, pressure)) return false;
  await reclaimImages().catch((err: unknown) => log.warn({ err }, 'unused images stay'));
  return thresholdsMet(policy.thresholds, observationsOf(await readPressure()), true).length === 0;
}

async function relieve(
  { due }: PressureState,
  pressure: HostPressure,
  options: PressureEvictionOptions,
): Promise<Requeue> {
  const [threshold] = due;
  if (threshold === undefined) return { afterMs: LOOK_MS };
  if (isMakingRoom(activePods(options), options)) return { afterMs: WAIT_MS };
  const { resources, nodeName, recorder } = options;
  const node = resources.nodes.find('', nodeName);
  const message = `Attempting to reclaim ${resourceOf(threshold.signal)}`;
  if (node) recorder.record(node, { type: 'Warning', reason: 'EvictionThresholdMet', message, component: 'kubelet' });
  if (await reclaim(threshold, pressure, options)) return { afterMs: LOOK_MS };
  await evictOne({ threshold, due, observations: observationsOf(pressure) }, options);
  return { afterMs: WAIT_MS };
}

/**
 * Watches what the machine can run short of, tells it to the Node, and evicts pods one by one when that is all that
 * helps: the kubelet's eviction manager. A look is a few small files of /proc and two statfs(2).
 */
export function pressureEviction(options: PressureEvictionOptions): Controller {
  const { policy, readPressure, board, clock, nodeName } = options;
  const { thresholds, transitionMs } = policy;
  let state = CALM;
  return {
    name: 'pressure-eviction',
    inputs: [],
    outputs: [
      { what: 'pressure of this node', mode: 'exclusive' },
      { what: 'evictions', mode: 'shared' },
      { what: '/events', mode: 'shared' },
    ],
    extraKeys: async () => [nodeName],
    reconcile: async () => {
      const pressure = await readPressure();
      const observations = observationsOf(pressure);
      state = nextPressure(state, { thresholds, observations, transitionMs, now: clock.elapsed() });
      board.set(state.conditions);
      return relieve(state, pressure, options);
    },
  };
}
