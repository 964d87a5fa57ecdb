import type { UnitState } from '../../../systemd/service-manager.ts';
import { podUnitNames } from '../../../translators/units/pod-names.ts';
import type { Pod } from '../../kinds/types.ts';
import type { Requeue } from '../controller.ts';
import { uidOf } from '../meta.ts';
import { type Agent, allContainers, kubelet } from './agent.ts';

const FIRST_CHECK_MS = 10_000;
const LAST_CHECK_MS = 300_000;
const LONGEST_GUARD_MS = 2_000;

/** Whether a gate that isn't up may be started: starting it starts members too, also those that have ended for good. */
function mayStart(pod: Pod, state: UnitState | undefined): boolean {
  if (state === undefined) return true;
  const { activeState, execMainStartTimestamp } = state;
  if (activeState !== 'inactive' && activeState !== 'failed') return false;
  return (pod.spec?.restartPolicy ?? 'Always') === 'Always' || execMainStartTimestamp === 0;
}

/** A pod's policies are in force before it runs; where they can't be, that is no reason for it never to. */
async function guard({ guarded, clock }: Agent): Promise<void> {
  if (guarded === undefined) return;
  await Promise.race([guarded(), new Promise<void>((resolve) => void clock.after(LONGEST_GUARD_MS, resolve))]);
}

/** A container that waits for its image does so in its unit, which lays out its start then, and goes on to when it has come. */
async function layOutFirstStarts(pod: Pod, { firstStarts, imageHolds }: Agent): Promise<void> {
  if (firstStarts === undefined) return;
  const held = (await imageHolds?.get(uidOf(pod))) ?? [];
  const names = allContainers(pod).map(({ container }) => container.name);
  firstStarts.layOut(
    uidOf(pod),
    names.filter((name) => !held.includes(name)),
  );
}

/** Starts the gate unless it is up or on its way; looks again, ever less often, until it is up. */
export async function ensureStarted(pod: Pod, agent: Agent): Promise<Requeue | undefined> {
  const { serviceManager, attempts } = agent;
  const { gate } = podUnitNames(pod);
  const state = await serviceManager.peek(gate);
  if (state?.activeState === 'active') {
    attempts.delete(uidOf(pod));
    return undefined;
  }
  const attempt = attempts.get(uidOf(pod)) ?? 0;
  attempts.set(uidOf(pod), attempt + 1);
  if (mayStart(pod, state)) {
    await guard(agent);
    if (attempt === 0) await layOutFirstStarts(pod, agent);
    await serviceManager.startNoWait(gate);
  }
  return { afterMs: Math.min(FIRST_CHECK_MS * 2 ** Math.min(attempt, 10), LAST_CHECK_MS) };
}

/** Restarts the containers whose image was changed in the running pod, as the kubelet does. */
export async function restartChanged(pod: Pod, { changedImages, serviceManager, recorder }: Agent): Promise<void> {
  const changed = changedImages.get(uidOf(pod));
  changedImages.delete(uidOf(pod));
  for (const { container, service } of podUnitNames(pod).containers) {
    if (!changed?.has(container)) continue;
    const message = `Container ${container} definition changed, will be restarted`;
    recorder.record(pod, { ...kubelet('Normal', 'Killing', message), fieldPath: `spec.containers{${container}}` });
    await serviceManager.restart(service);
  }
}
