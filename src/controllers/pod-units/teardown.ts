import type { ServiceManager } from '../../../systemd/service-manager.ts';
import type { Podman } from '../../host/podman.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../controller.ts';
import type { HostBatch } from './host-batch.ts';
import type { HostedPod, Inventory } from './inventory.ts';

/** Beyond the grace: what podman itself needs. */
const MARGIN_MS = 2_000;
/** Pause after a teardown that failed. */
const RETRY_MS = 5_000;
const UID_LABEL = 'io.kubernetes.pod.uid';
/** Ends the name of the unit that makes and removes Podman's pod. */
const INFRA_SUFFIX = '__pod.service';

/** Takes pods off the machine: stop with grace, files, reload. */
export interface Teardowns {
  /**
   * Starts one or, when one runs, makes it as short as `graceSeconds` says. `wake` is called when it has ended.
   * A failure is logged; the next call tries again. With `drain` nothing is stopped before that has resolved.
   */
  begin(pod: HostedPod, graceSeconds: number, wake: () => void, drain?: () => Promise<void>): void;
  isRunning(uid: string): boolean;
}

/** What it takes. */
export interface TeardownOptions {
  readonly serviceManager: ServiceManager;
  readonly podman: Podman;
  readonly batch: HostBatch;
  readonly inventory: Inventory;
  readonly clock: Clock;
  readonly log: Log;
}

interface Running {
  deadline: number;
  cancel: () => void;
}

/** The gate first: the others are part of it. */
function inStopOrder(units: readonly string[]): readonly string[] {
  return [...units].sort((a, b) => a.length - b.length);
}

async function stopUnits(units: readonly string[], manager: ServiceManager): Promise<void> {
  for (const [index, unit] of inStopOrder(units).entries()) {
    const state = await manager.peek(unit);
    const isDown = state === undefined || state.activeState === 'inactive' || state.activeState === 'failed';
    // A gate that isn't up may be waiting for its members: its start would go on when the files have gone.
    if (!isDown || (index === 0 && state !== undefined)) await manager.stop(unit);
  }
}

/**
 * Forgets failures, so that nothing of the pod is left in `systemctl list-units --failed`. Tells which units had failed.
 */
async function forgetFailures(units: readonly string[], manager: ServiceManager): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const unit of units) {
    const state = await manager.peek(unit);
    if (state?.activeState !== 'failed') continue;
    failed.push(unit);
    await manager.resetFailed(unit).catch(() => undefined);
  }
  return failed;
}

/** What Podman still has of a pod whose own clean-up was cut off: it would keep the pod's address and name for ever. */
async function deleteLeftovers(uid: string, podman: Podman): Promise<void> {
  const containers = await podman.listContainers({ [UID_LABEL]: uid });
  for (const pod of new Set(containers.map((c) => c.pod))) if (pod !== '') await podman.deletePod(pod);
}

async function kill(uid: string, podman: Podman): Promise<void> {
  const containers = await podman.listContainers({ [UID_LABEL]: uid });
  await Promise.all(containers.filter((c) => !c.isInfra).map((c) => podman.stopContainer(c.id, 0)));
}

async function teardown({ uid, units }: HostedPod, options: TeardownOptions): Promise<void> {
  const { serviceManager, podman, batch, inventory } = options;
  await stopUnits(units, serviceManager);
  const failed = await forgetFailures(units, serviceManager);
  if (failed.some((unit) => unit.endsWith(INFRA_SUFFIX))) await deleteLeftovers(uid, podman);
  await batch.remove(uid);
  inventory.delete(uid);
}

/** Teardowns that run beside each other, one per pod. */
export function createTeardowns(options: TeardownOptions): Teardowns {
  const { clock, podman, log } = options;
  const running = new Map<string, Running>();
  const arm = (uid: string, graceSeconds: number): Running => {
    const ms = graceSeconds <= 0 ? 0 : graceSeconds * 1000 + MARGIN_MS;
    const cancel = clock.after(ms, () => {
      kill(uid, podman).catch((err: unknown) => log.warn({ uid, err }, 'kill failed'));
    });
    return { deadline: clock.elapsed() + ms, cancel };
  };
  const hurry = (uid: string, current: Running, graceSeconds: number): void => {
    if (clock.elapsed() + graceSeconds * 1000 >= current.deadline - MARGIN_MS) return;
    current.cancel();
    running.set(uid, arm(uid, graceSeconds));
  };
  return {
    isRunning: (uid) => running.has(uid),
    begin(pod, graceSeconds, wake, drain = async () => {}) {
      const current = running.get(pod.uid);
      if (current !== undefined) {
        hurry(pod.uid, current, graceSeconds);
        return;
      }
      running.set(pod.uid, arm(pod.uid, graceSeconds));
      const end = (): void => {
        running.get(pod.uid)?.cancel();
        running.delete(pod.uid);
        wake();
      };
      drain()
        .then(() => teardown(pod, options))
        .then(end, (err: unknown) => {
          log.warn({ uid: pod.uid, err }, 'teardown failed');
          clock.after(RETRY_MS, end);
        });
    },
  };
}
