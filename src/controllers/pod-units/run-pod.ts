import type { Translation } from '../../../translators/host-file.ts';
import { podUnitNames } from '../../../translators/units/pod-names.ts';
import type { Pod } from '../../kinds/types.ts';
import { timestamp } from '../clock.ts';
import type { Requeue } from '../controller.ts';
import { podsOn } from '../indexes.ts';
import { isDeleting, nameOf, namespaceOf, uidOf } from '../meta.ts';
import { loadOf } from '../scheduling/node-load.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import { type Agent, type GatheredTokens, kubelet } from './agent.ts';
import { gatherClaims } from './claims.ts';
import { ensureEphemeral } from './ephemeral.ts';
import { gatherObjects, withImages } from './gather-objects.ts';
import { failedMount, holdUp } from './hold-up.ts';
import { continueTurns, takeTurns } from './image-turns.ts';
import { missingReferences, type ReferencedObjects } from './references.ts';
import { rejectedStatus, rejectionOf, rejectionUnderPressure } from './rejection.ts';
import { reportDiagnostics, reportUnstartable } from './report-diagnostics.ts';
import { applyResize, clearResize, nextResizeStep, type ResizeStep, reportFailing, reportPending } from './resize.ts';
import { asAllocated } from './resize-plan.ts';
import { ensureStarted, restartChanged } from './start-pod.ts';
import { volumePart } from './volume-part.ts';

/** How soon an address is asked for again. */
const FIRST_CHECK_MS = 10_000;
/** How soon a resize that there was no room for is tried again. */
const RESIZE_RETRY_MS = 30_000;
/** The kubelet's sync of a pod that doesn't come up. */
const UNSTARTABLE_CHECK_MS = 15_000;

/** The pod with its addresses and start, which are stored before anything uses them. Undefined without an address to give. */
async function withAddress(pod: Pod, { addresses, resources, clock }: Agent): Promise<Pod | undefined> {
  if (pod.status?.podIP && pod.status.startTime) return pod;
  const podIPs = pod.status?.podIP ? [{ ip: pod.status.podIP }] : addresses(pod).map((ip) => ({ ip }));
  const [first] = podIPs;
  if (first === undefined) return undefined;
  const startTime = timestamp(clock);
  const set = ({ status, ...now }: Pod): Pod | undefined =>
    status?.podIP && status.startTime
      ? undefined
      : { ...now, status: { podIPs, startTime, ...status, podIP: first.ip } };
  return (await resources.pods.modify(pod, set, 'status')) ?? resources.pods.find(namespaceOf(pod), nameOf(pod));
}

const NO_TOKENS: GatheredTokens = { tokens: new Map(), renewAfterMs: undefined, failures: [] };

/** The earlier one of a look that is due anyway and the renewal of the pod's tokens. */
function soonest(requeue: Requeue | undefined, renewAfterMs: number | undefined): Requeue | undefined {
  const afterMs = Math.min(requeue?.afterMs ?? Infinity, renewAfterMs ?? Infinity);
  return afterMs === Infinity ? undefined : { afterMs };
}

/** Makes sure of the images that the pod can't start without; otherwise says when to look again, if at all. */
async function ensureImages(
  pod: Pod,
  objects: ReferencedObjects,
  agent: Agent,
): Promise<Requeue | undefined | 'present'> {
  const isHosted = agent.inventory.get(uidOf(pod)) !== undefined;
  const { mayStart, held, reasons, requeue } = await takeTurns(pod, objects, agent);
  agent.waiting.set(uidOf(pod), reasons);
  if (!mayStart || (isHosted && held.length > 0)) return requeue;
  if (held.length > 0 || agent.imageHolds?.isHolding(uidOf(pod))) await agent.imageHolds?.set(uidOf(pod), held);
  return 'present';
}

/** True when something was changed. */
async function writeUnits(pod: Pod, translation: Translation, { batch, inventory, recorder }: Agent): Promise<boolean> {
  const names = podUnitNames(pod);
  const { files, directories, links } = translation;
  // Known before it is written: whatever happens in between, the teardown will find it.
  inventory.set({ uid: uidOf(pod), units: [names.gate, names.podService, ...names.containers.map((c) => c.service)] });
  try {
    return await batch.apply({ owner: uidOf(pod), files, directories, links });
  } catch (error) {
    const message = `Failed to create pod sandbox: ${error instanceof Error ? error.message : String(error)}`;
    recorder.record(pod, kubelet('Warning', 'FailedCreatePodSandBox', message));
    throw error;
  }
}

/** Refuses a pod that doesn't fit beside those that are here; true when it has. */
async function reject(
  pod: Pod,
  { resources, recorder, inventory, nodeName, pressure, ...abilities }: Agent,
): Promise<boolean> {
  const node = resources.nodes.find('', nodeName);
  if (node === undefined || inventory.get(uidOf(pod)) !== undefined) return false;
  const isHere = (other: Pod): boolean => other !== pod && inventory.get(uidOf(other)) !== undefined;
  const bound = podsOn(nodeName, resources.pods).filter((other) => isHere(other) && !isPodFinished(other));
  const rejection =
    rejectionUnderPressure(pod, pressure.conditions()) ?? rejectionOf(pod, { node, load: loadOf(bound) }, abilities);
  if (rejection === undefined) return false;
  recorder.record(pod, kubelet('Warning', rejection.reason, rejection.message));
  const refuse = (now: Pod): Pod => ({ ...now, status: rejectedStatus(now, rejection) });
  await resources.pods.modify(pod, refuse, 'status');
  return true;
}

/** Makes sure that the pod's units are there and started. One whose units exist needs no image and no registry. */
export async function runPod(found: Pod, agent: Agent): Promise<Requeue | undefined> {
  if (agent.evictions.get(uidOf(found)) !== undefined || (await reject(found, agent))) return undefined;
  const pod = await withAddress(found, agent);
  if (pod === undefined || isDeleting(pod)) return { afterMs: FIRST_CHECK_MS };
  const { tokens, renewAfterMs, failures } = (await agent.tokens?.(pod)) ?? NO_TOKENS;
  const claims = gatherClaims(pod, agent.resources);
  const objects = { ...gatherObjects(pod, agent), tokens, claimVolumes: claims.volumes };
  const isHosted = agent.inventory.get(uidOf(pod)) !== undefined;
  const missing = isHosted ? missingReferences(pod, objects) : [];
  if (isHosted && missing.length + claims.failures.length > 0) {
    // What runs goes on running without what it was started from.
    await agent.batch.apply(volumePart(pod, agent.translate(pod, objects), missing));
    return soonest(await ensureStarted(pod, agent), renewAfterMs);
  }
  const held = await holdUp(pod, { objects, claims, isHosted }, agent);
  if (held !== undefined) return held.requeue;
  for (const { volume, message } of failures) agent.recorder.record(pod, failedMount(volume, message));
  if (!isHosted && failures.length > 0) return soonest(undefined, renewAfterMs);
  const { isWritten, requeue } = await writeSized(pod, objects, agent);
  if (!isWritten) return requeue;
  const images = await continueTurns(pod, objects, agent);
  const started = await ensureStarted(pod, agent);
  const again = soonest(started, images?.afterMs);
  return soonest(soonest(soonest(again, requeue?.afterMs), await ensureEphemeral(pod, objects, agent)), renewAfterMs);
}

/** Writes the pod's files, with the resources that it can have now; looks again when it asks for others. */
async function writeSized(
  pod: Pod,
  objects: ReferencedObjects,
  agent: Agent,
): Promise<{ readonly isWritten: boolean; readonly requeue: Requeue | undefined }> {
  const isHosted = agent.inventory.get(uidOf(pod)) !== undefined;
  const step: ResizeStep = isHosted ? await nextResizeStep(pod, agent) : { action: 'none' };
  const isDue = step.action === 'wait' || step.action === 'fail';
  if (step.action === 'wait') await reportPending(pod, step, agent);
  if (step.action === 'fail') await reportFailing(pod, step.message, agent);
  if (step.action === 'none') await clearResize(pod, agent);
  const outcome = await writePod(isDue ? asAllocated(pod) : pod, objects, agent);
  if (outcome !== 'written') return { isWritten: false, requeue: outcome };
  if (step.action === 'apply') await applyResize(pod, step.changes, agent);
  return { isWritten: true, requeue: isDue ? { afterMs: RESIZE_RETRY_MS } : undefined };
}

/** Nobody waits any more but for an image, and whoever does has said so. */
function clearReasons(pod: Pod, { imageHolds, waiting }: Agent): void {
  if (!imageHolds?.isHolding(uidOf(pod))) waiting.set(uidOf(pod), {});
}

/** Writes the pod's files, once its images are there. Otherwise says when to look again, if at all. */
async function writePod(pod: Pod, objects: ReferencedObjects, agent: Agent): Promise<Requeue | undefined | 'written'> {
  const uid = uidOf(pod);
  const isHosted = agent.inventory.get(uid) !== undefined;
  if (!isHosted && reportDiagnostics(pod, agent.translate(pod, objects), agent)) return undefined;
  if (!isHosted || agent.changedImages.has(uid)) {
    const images = await ensureImages(pod, objects, agent);
    if (images !== 'present') return images;
  }
  const complete = agent.translate(pod, await withImages(pod, objects, agent));
  if (complete.diagnostics.some(({ severity }) => severity === 'unstartable')) {
    // What runs goes on running as it was started.
    if (isHosted) return 'written';
    reportUnstartable(pod, complete, agent);
    return { afterMs: UNSTARTABLE_CHECK_MS };
  }
  if (!isHosted && complete.diagnostics.some((d) => d.severity === 'refused')) {
    reportDiagnostics(pod, complete, agent);
    return undefined;
  }
  const isChanged = await writeUnits(pod, complete, agent);
  clearReasons(pod, agent);
  await restartChanged(pod, agent);
  // It may be another one now.
  const hasDeadline = isHosted && pod.spec?.activeDeadlineSeconds;
  if (isChanged && hasDeadline) await agent.serviceManager.restart(podUnitNames(pod).deadline);
  return 'written';
}
