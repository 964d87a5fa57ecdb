import type { UnitState } from '../../../systemd/service-manager.ts';
import type { Diagnostic, Translation } from '../../../translators/host-file.ts';
import type { ImageAccounts } from '../../../translators/units/pod/image-accounts.ts';
import { podUnitNames } from '../../../translators/units/pod-names.ts';
import type { ImageFacts } from '../../host/podman.ts';
import type { Pod, Service } from '../../kinds/types.ts';
import { timestamp } from '../clock.ts';
import type { Requeue } from '../controller.ts';
import type { Happening } from '../events.ts';
import { podsOn } from '../indexes.ts';
import { isDeleting, nameOf, namespaceOf, uidOf } from '../meta.ts';
import type { WaitingReason } from '../pod-status/facts.ts';
import { loadOf } from '../scheduling/node-load.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import { type Agent, allContainers, type GatheredTokens, kubelet } from './agent.ts';
import { gatherClaims } from './claims.ts';
import { ensureEphemeral } from './ephemeral.ts';
import { failedMount, holdUp } from './hold-up.ts';
import { continueTurns, takeTurns } from './image-turns.ts';
import {
  dependsOnAccounts,
  dependsOnImages,
  missingReferences,
  podReferences,
  type ReferencedObjects,
} from './references.ts';
import { rejectedStatus, rejectionOf, rejectionUnderPressure } from './rejection.ts';
import {
  applyResize,
  asAllocated,
  clearPending,
  planResize,
  type ResizePlan,
  reportPending,
  resizeSnapshot,
} from './resize.ts';
import { volumePart } from './volume-part.ts';

const FIRST_CHECK_MS = 10_000;
const LAST_CHECK_MS = 300_000;
const LONGEST_GUARD_MS = 2_000;
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

function pick<T>(names: readonly string[], find: (name: string) => T | undefined): ReadonlyMap<string, T> {
  const found = names.map((name) => [name, find(name)] as const);
  return new Map(found.filter((pair): pair is readonly [string, T] => pair[1] !== undefined));
}

/**
 * The Services that the pod's containers are told of, as the kubelet does it: those of now. That one of them changes
 * is no reason to look at the pod; what is written then holds from a container's next start on.
 */
function gatherServices({ spec, metadata }: Pod, { resources }: Pick<Agent, 'resources'>): readonly Service[] {
  const api = resources.services.find('default', 'kubernetes');
  const own = spec?.enableServiceLinks === false ? [] : resources.services.list(metadata?.namespace ?? '');
  return api === undefined || own.includes(api) ? own : [...own, api];
}

function runtimeOf({ spec }: Pod, { resources }: Pick<Agent, 'resources'>): Pick<ReferencedObjects, 'runtimeHandler'> {
  const name = spec?.runtimeClassName;
  return name ? { runtimeHandler: resources.runtimeClasses.find('', name)?.handler ?? '' } : {};
}

/** What the pod refers to, as far as it is there. */
export function gatherObjects(pod: Pod, agent: Pick<Agent, 'resources'>): ReferencedObjects {
  const { resources } = agent;
  const namespace = namespaceOf(pod);
  const references = podReferences(pod);
  const names = (kind: 'ConfigMap' | 'Secret'): readonly string[] =>
    references.filter((r) => r.kind === kind).map((r) => r.name);
  const pullSecrets = (pod.spec?.imagePullSecrets ?? []).map((s) => s.name ?? '');
  return {
    configMaps: pick(names('ConfigMap'), (name) => resources.configMaps.find(namespace, name)),
    secrets: pick([...names('Secret'), ...pullSecrets], (name) => resources.secrets.find(namespace, name)),
    services: gatherServices(pod, agent),
    ...runtimeOf(pod, agent),
  };
}

/** The objects with the images, where these matter. */
export async function withImages(
  pod: Pod,
  objects: ReferencedObjects,
  { podman }: Pick<Agent, 'podman'>,
): Promise<ReferencedObjects> {
  if (!dependsOnImages(pod)) return objects;
  const references = [...new Set(allContainers(pod).map(({ container }) => container.image ?? ''))];
  const found = await Promise.all(references.map(async (image) => [image, await podman.inspectImage(image)] as const));
  const present = found.filter((pair): pair is [string, ImageFacts] => pair[1] !== undefined);
  if (!dependsOnAccounts(pod)) return { ...objects, images: new Map(present) };
  const known = present.map(async ([name, image]) => [name, await withAccounts(image, podman)] as const);
  return { ...objects, images: new Map(await Promise.all(known)) };
}

async function withAccounts(
  image: ImageFacts,
  podman: Agent['podman'],
): Promise<ImageFacts & { readonly accounts: ImageAccounts }> {
  const [passwd = '', group = ''] = await podman.readImageFiles(image.id, ['/etc/passwd', '/etc/group']);
  return { ...image, accounts: { passwd, group } };
}

const NO_TOKENS: GatheredTokens = { tokens: new Map(), renewAfterMs: undefined, failures: [] };

/** The earlier one of a look that is due anyway and the renewal of the pod's tokens. */
function soonest(requeue: Requeue | undefined, renewAfterMs: number | undefined): Requeue | undefined {
  const afterMs = Math.min(requeue?.afterMs ?? Infinity, renewAfterMs ?? Infinity);
  return afterMs === Infinity ? undefined : { afterMs };
}

/** What the kubelet would say of a finding about the pod. */
function happeningOf({ severity, field, message }: Diagnostic, { spec }: Pod): Happening {
  if (severity === 'blocked') {
    const volume = spec?.volumes?.[Number(/^spec\.volumes\[(\d+)\]/.exec(field)?.[1])];
    return failedMount(volume?.name ?? '', message);
  }
  return kubelet('Warning', severity === 'refused' ? 'Failed' : 'Approximated', `${field}: ${message}`);
}

/** Says what the translator could not do as asked; true when the pod must not run. */
function reportDiagnostics(pod: Pod, { diagnostics }: Translation, { recorder, waiting }: Agent): boolean {
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== 'unstartable') recorder.record(pod, happeningOf(diagnostic, pod));
  }
  const refused = diagnostics.filter((d) => d.severity === 'refused');
  if (refused.length === 0) return diagnostics.some((d) => d.severity === 'blocked');
  const message = refused.map(({ field, message }) => `${field}: ${message}`).join('; ');
  const reason: WaitingReason = { reason: 'CreateContainerConfigError', message };
  waiting.set(uidOf(pod), Object.fromEntries(allContainers(pod).map(({ container }) => [container.name, reason])));
  return true;
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

/** Starts the gate unless it is up or on its way; looks again, ever less often, until it is up. */
async function ensureStarted(pod: Pod, agent: Agent): Promise<Requeue | undefined> {
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
    await serviceManager.startNoWait(gate);
  }
  return { afterMs: Math.min(FIRST_CHECK_MS * 2 ** Math.min(attempt, 10), LAST_CHECK_MS) };
}

/** Restarts the containers whose image was changed in the running pod, as the kubelet does. */
async function restartChanged(pod: Pod, { changedImages, serviceManager, recorder }: Agent): Promise<void> {
  const changed = changedImages.get(uidOf(pod));
  changedImages.delete(uidOf(pod));
  for (const { container, service } of podUnitNames(pod).containers) {
    if (!changed?.has(container)) continue;
    const message = `Container ${container} definition changed, will be restarted`;
    recorder.record(pod, { ...kubelet('Normal', 'Killing', message), fieldPath: `spec.containers{${container}}` });
    await serviceManager.restart(service);
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
  const snapshot = isHosted ? resizeSnapshot(pod, agent) : undefined;
  const plan: ResizePlan = snapshot === undefined ? { action: 'none' } : planResize(pod, snapshot);
  if (plan.action === 'wait') await reportPending(pod, plan, agent);
  if (plan.action === 'none') await clearPending(pod, agent);
  const outcome = await writePod(plan.action === 'wait' ? asAllocated(pod) : pod, objects, agent);
  if (outcome !== 'written') return { isWritten: false, requeue: outcome };
  if (plan.action === 'apply') await applyResize(pod, plan.changes, agent);
  return { isWritten: true, requeue: plan.action === 'wait' ? { afterMs: RESIZE_RETRY_MS } : undefined };
}

/** Says which containers can't be started as things are; true when some can't. */
function reportUnstartable(pod: Pod, { diagnostics }: Translation, { recorder, waiting }: Agent): boolean {
  const stuck = diagnostics.filter(({ severity }) => severity === 'unstartable');
  for (const { field, message } of stuck) {
    const fieldPath = `spec.containers{${field}}`;
    recorder.record(pod, { ...kubelet('Warning', 'Failed', `Error: ${message}`), fieldPath });
  }
  if (stuck.length === 0) return false;
  const reasons = stuck.map(
    ({ field, message }) => [field, { reason: 'CreateContainerConfigError', message }] as const,
  );
  waiting.set(uidOf(pod), Object.fromEntries(reasons));
  return true;
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
