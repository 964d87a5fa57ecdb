import type { ServiceManager } from '../../systemd/service-manager.ts';
import type { UnitDirectory } from '../../systemd/unit-directory.ts';
import type { Translation } from '../../translators/host-file.ts';
import { podUnitNames } from '../../translators/units/pod-names.ts';
import type { Podman } from '../host/podman.ts';
import type { Container, Pod } from '../kinds/types.ts';
import type { Clock } from './clock.ts';
import type { Controller, Log, ObjectChange, Requeue } from './controller.ts';
import type { EventRecorder, Happening } from './events.ts';
import { isDeleting, namespaceOf, objectKey, splitKey, uidOf } from './meta.ts';
import type { WaitingReason } from './pod-status/facts.ts';
import { createHostBatch, type HostBatch } from './pod-units/host-batch.ts';
import { createImagePulls, type ImageOutcome, type ImagePulls } from './pod-units/image-pulls.ts';
import { createInventory, type Inventory } from './pod-units/inventory.ts';
import { planPodUnits } from './pod-units/plan.ts';
import { highestAddress, nextAddress } from './pod-units/pod-address.ts';
import { pullAuth } from './pod-units/pull-auth.ts';
import { missingReferences, podReferences, type ReferencedObjects } from './pod-units/references.ts';
import { createTeardowns, type Teardowns } from './pod-units/teardown.ts';
import type { WaitingBoard } from './pod-waiting.ts';
import type { Resources } from './resources.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

/** Translates a pod with an address, given what it refers to. Pure. */
export type PodTranslator = (pod: Pod, objects: ReferencedObjects) => Translation;

/** What the controller needs. */
export interface PodUnitsOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly nodeName: string;
  readonly podCidr: string;
  readonly serviceManager: ServiceManager;
  readonly podman: Podman;
  readonly unitDirectory: UnitDirectory;
  readonly translate: PodTranslator;
  readonly waiting: WaitingBoard;
  readonly hostIp: () => string;
  readonly signal: AbortSignal;
}

interface Agent extends PodUnitsOptions {
  readonly batch: HostBatch;
  readonly inventory: Inventory;
  readonly teardowns: Teardowns;
  readonly pulls: ImagePulls;
  readonly addresses: AddressBook;
  /** Failed starts in a row by uid. */
  readonly attempts: Map<string, number>;
  readonly wake: (key: string) => void;
}

type AddressBook = (pod: Pod) => string | undefined;

/** Gives out addresses one at a time: one that was promised but isn't stored yet counts as taken. */
function createAddressBook({ resources, podCidr, hostIp }: PodUnitsOptions): AddressBook {
  const promised = new Map<string, string>();
  let last: string | undefined;
  return (pod) => {
    if (pod.spec?.hostNetwork) return hostIp();
    const pods = resources.pods.list();
    const live = new Set(pods.map(uidOf));
    for (const uid of promised.keys()) if (!live.has(uid)) promised.delete(uid);
    const earlier = promised.get(uidOf(pod));
    if (earlier !== undefined) return earlier;
    const stored = pods.flatMap((p) => (p.status?.podIP && !p.spec?.hostNetwork ? [p.status.podIP] : []));
    last ??= highestAddress(stored);
    const address = nextAddress(podCidr, new Set([...stored, ...promised.values()]), last);
    if (address === undefined) return undefined;
    promised.set(uidOf(pod), address);
    last = address;
    return address;
  };
}

function kubelet(type: Happening['type'], reason: string, message: string): Happening {
  return { type, reason, message, component: 'kubelet' };
}

function allContainers(pod: Pod): readonly { readonly container: Container; readonly isInit: boolean }[] {
  return [
    ...(pod.spec?.initContainers ?? []).map((container) => ({ container, isInit: true })),
    ...(pod.spec?.containers ?? []).map((container) => ({ container, isInit: false })),
  ];
}

async function withAddress(pod: Pod, { addresses, resources }: Agent): Promise<Pod | undefined> {
  if (pod.status?.podIP) return pod;
  const podIP = addresses(pod);
  if (podIP === undefined || podIP === '') return undefined;
  const set = (now: Pod): Pod | undefined =>
    now.status?.podIP ? undefined : { ...now, status: { ...now.status, podIP, podIPs: [{ ip: podIP }] } };
  return (
    (await resources.pods.modify(pod, set, 'status')) ?? resources.pods.find(namespaceOf(pod), pod.metadata?.name ?? '')
  );
}

function gatherObjects(pod: Pod, { resources }: Agent): ReferencedObjects {
  const namespace = namespaceOf(pod);
  const references = podReferences(pod);
  const names = (kind: 'ConfigMap' | 'Secret'): readonly string[] =>
    references.filter((r) => r.kind === kind).map((r) => r.name);
  const pullSecrets = (pod.spec?.imagePullSecrets ?? []).map((s) => s.name ?? '');
  const pick = <T>(wanted: readonly string[], find: (name: string) => T | undefined): ReadonlyMap<string, T> =>
    new Map(
      wanted.flatMap((name) => {
        const found = find(name);
        return found === undefined ? [] : [[name, found] as const];
      }),
    );
  return {
    configMaps: pick(names('ConfigMap'), (name) => resources.configMaps.find(namespace, name)),
    secrets: pick([...names('Secret'), ...pullSecrets], (name) => resources.secrets.find(namespace, name)),
  };
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
      const text = `MountVolume.SetUp failed for volume "${reference.volume}" : ${message}`;
      recorder.record(pod, kubelet('Warning', 'FailedMount', text));
    }
  }
  if (missing.length > 0) waiting.set(uidOf(pod), reasons);
  return missing.length > 0;
}

/** All images, or undefined with the reasons told and a time to look again. */
async function ensureImages(pod: Pod, objects: ReferencedObjects, agent: Agent): Promise<Requeue | 'present'> {
  const outcomes = await Promise.all(
    allContainers(pod).map(async ({ container, isInit }) => {
      const auth = pullAuth(container.image ?? '', pod, objects.secrets);
      const request = { pod, container, isInit, ...(auth ? { auth } : {}) };
      return [container.name, await agent.pulls.ensure(request, () => agent.wake(objectKey(pod)))] as const;
    }),
  );
  const failed = outcomes.filter((o): o is [string, ImageOutcome & { state: 'failed' }] => o[1].state === 'failed');
  agent.waiting.set(uidOf(pod), Object.fromEntries(failed.map(([name, outcome]) => [name, outcome.waiting])));
  if (outcomes.every(([, { state }]) => state === 'present')) return 'present';
  return { afterMs: Math.min(300_000, ...failed.map(([, { againMs }]) => againMs)) };
}

/** Says what the translator could not do as asked; true when the pod must not run. */
function reportDiagnostics(pod: Pod, { diagnostics }: Translation, { recorder, waiting }: Agent): boolean {
  for (const { severity, field, message } of diagnostics) {
    const reason = severity === 'refused' ? 'Failed' : 'Approximated';
    recorder.record(pod, kubelet('Warning', reason, `${field}: ${message}`));
  }
  const refused = diagnostics.filter((d) => d.severity === 'refused');
  if (refused.length === 0) return false;
  const message = refused.map(({ field, message }) => `${field}: ${message}`).join('; ');
  const reason: WaitingReason = { reason: 'CreateContainerConfigError', message };
  waiting.set(uidOf(pod), Object.fromEntries(allContainers(pod).map(({ container }) => [container.name, reason])));
  return true;
}

const ORPHAN_GRACE_S = 30;
const FIRST_CHECK_MS = 10_000;
const LAST_CHECK_MS = 300_000;

/** Starts the gate unless it is up or on its way; looks again, ever less often, until it is up. */
async function ensureStarted(pod: Pod, { serviceManager, attempts }: Agent): Promise<Requeue | undefined> {
  const { gate } = podUnitNames(pod);
  const { activeState } = await serviceManager.get(gate);
  if (activeState === 'active') {
    attempts.delete(uidOf(pod));
    return undefined;
  }
  const attempt = attempts.get(uidOf(pod)) ?? 0;
  attempts.set(uidOf(pod), attempt + 1);
  if (activeState === 'inactive' || activeState === 'failed') await serviceManager.startNoWait(gate);
  return { afterMs: Math.min(FIRST_CHECK_MS * 2 ** Math.min(attempt, 10), LAST_CHECK_MS) };
}

async function writeUnits(pod: Pod, translation: Translation, { batch, inventory, recorder }: Agent): Promise<void> {
  const names = podUnitNames(pod);
  const { files, directories, links } = translation;
  // Known before it is written: whatever happens in between, the teardown will find it.
  inventory.set({ uid: uidOf(pod), units: [names.gate, names.podService, ...names.containers.map((c) => c.service)] });
  try {
    await batch.apply({ owner: uidOf(pod), files, directories, links });
  } catch (error) {
    const message = `Failed to create pod sandbox: ${error instanceof Error ? error.message : String(error)}`;
    recorder.record(pod, kubelet('Warning', 'FailedCreatePodSandBox', message));
    throw error;
  }
}

/** Makes sure that the pod's units are there and started. One whose units exist needs no image, no registry. */
async function run(found: Pod, agent: Agent): Promise<Requeue | undefined> {
  const isHosted = agent.inventory.get(uidOf(found)) !== undefined;
  const pod = await withAddress(found, agent);
  if (pod === undefined || isDeleting(pod)) return { afterMs: FIRST_CHECK_MS };
  const objects = gatherObjects(pod, agent);
  if (reportMissing(pod, objects, agent)) return isHosted ? ensureStarted(pod, agent) : undefined;
  const translation = agent.translate(pod, objects);
  if (reportDiagnostics(pod, translation, agent)) return undefined;
  if (!isHosted) {
    const images = await ensureImages(pod, objects, agent);
    if (images !== 'present') return images;
  }
  await writeUnits(pod, translation, agent);
  agent.waiting.set(uidOf(pod), {});
  return ensureStarted(pod, agent);
}

function recordKilling(pod: Pod, { recorder }: Agent): void {
  for (const status of pod.status?.containerStatuses ?? []) {
    if (status.state?.running === undefined) continue;
    const fieldPath = `spec.containers{${status.name}}`;
    recorder.record(pod, { ...kubelet('Normal', 'Killing', `Stopping container ${status.name}`), fieldPath });
  }
}

async function finalize(pod: Pod, { resources, pulls, attempts, waiting }: Agent): Promise<void> {
  pulls.forget(uidOf(pod));
  attempts.delete(uidOf(pod));
  waiting.set(uidOf(pod), {});
  await resources.pods.delete(pod, { gracePeriodSeconds: 0 });
}

async function reconcile(key: string, agent: Agent): Promise<Requeue | undefined> {
  const { namespace, name } = splitKey(key);
  if (namespace === '') return removeOrphan(name, agent);
  const stored = agent.resources.pods.find(namespace, name);
  const pod = stored?.spec?.nodeName === agent.nodeName ? stored : undefined;
  const gate = podUnitNames({ metadata: { namespace, name } }).gate;
  const plan = planPodUnits({ pod, hosted: agent.inventory.owning(gate) });
  switch (plan.action) {
    case 'none':
      return undefined;
    case 'teardown':
      for (const hosted of plan.pods) {
        if (pod !== undefined && hosted.uid === uidOf(pod) && !agent.teardowns.isRunning(hosted.uid)) {
          recordKilling(pod, agent);
        }
        agent.teardowns.begin(hosted, plan.graceSeconds, () => agent.wake(key));
      }
      return undefined;
    case 'finalize':
      if (pod !== undefined) await finalize(pod, agent);
      return undefined;
    case 'run':
      return pod === undefined ? undefined : run(pod, agent);
    default:
      return plan satisfies never;
  }
}

/** What of a pod this controller acts on; changes of anything else (its status, mostly) are no reason to look. */
function relevant(pod: Pod | undefined): string {
  if (pod === undefined) return '';
  const { generation, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata ?? {};
  return [generation, deletionTimestamp, deletionGracePeriodSeconds, pod.spec?.nodeName, isPodFinished(pod)].join();
}

function podKeys({ type, entry, previous }: ObjectChange): readonly string[] {
  const pod = entry.object as Pod;
  const unchanged = type === 'MODIFIED' && relevant(previous?.object as Pod) === relevant(pod);
  return unchanged ? [] : [objectKey(pod)];
}

/** The pods that read this ConfigMap or Secret. */
function readersOf(
  { entry }: ObjectChange,
  kind: 'ConfigMap' | 'Secret',
  { resources }: PodUnitsOptions,
): readonly string[] {
  const { namespace = '', name = '' } = entry.object.metadata ?? {};
  const reads = (pod: Pod): boolean => podReferences(pod).some((r) => r.kind === kind && r.name === name);
  return resources.pods.list(namespace).filter(reads).map(objectKey);
}

/** Keys of what runs here though no pod of that uid is stored: an empty namespace, and the uid as name. */
function orphanKeys(inventory: Inventory, { resources }: PodUnitsOptions): readonly string[] {
  const stored = new Set(resources.pods.list().map(uidOf));
  return inventory
    .all()
    .filter(({ uid }) => !stored.has(uid))
    .map(({ uid }) => `/${uid}`);
}

/** Takes an orphan off the machine: its pod was deleted while nobody listened. */
function removeOrphan(uid: string, agent: Agent): undefined {
  const hosted = agent.inventory.get(uid);
  const isStored = agent.resources.pods.list().some((pod) => uidOf(pod) === uid);
  if (hosted === undefined || isStored) return undefined;
  agent.log.info({ uid, units: hosted.units }, 'removing the units of a pod that is gone');
  agent.teardowns.begin(hosted, ORPHAN_GRACE_S, () => agent.wake(`/${uid}`));
  return undefined;
}

/**
 * The node agent's write side: what each pod bound here needs on this machine, from its address over its images to its
 * units; and everything off again when it goes. Pods that run already are left alone but for their files' text.
 */
export function podUnits(options: PodUnitsOptions): Controller {
  const inventory = createInventory(options.unitDirectory);
  const loaded = inventory.refresh();
  const batch = createHostBatch({ ...options, directory: options.unitDirectory });
  const wakers = new Set<(key: string) => void>();
  const agent: Agent = {
    ...options,
    batch,
    inventory,
    teardowns: createTeardowns({ ...options, batch, inventory }),
    pulls: createImagePulls(options),
    addresses: createAddressBook(options),
    attempts: new Map(),
    wake: (key) => {
      for (const waker of wakers) waker(key);
    },
  };
  return {
    name: 'pod-units',
    concurrency: 64,
    inputs: [
      { resource: '/pods', keys: podKeys },
      { resource: '/configmaps', keys: (change) => readersOf(change, 'ConfigMap', options) },
      { resource: '/secrets', keys: (change) => readersOf(change, 'Secret', options) },
    ],
    outputs: [
      { what: 'unit files of pods', mode: 'exclusive' },
      { what: 'units of pods', mode: 'exclusive' },
      { what: '/pods#status.podIP', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    extraKeys: async () => {
      await loaded;
      return orphanKeys(inventory, options);
    },
    hints: (enqueue) => void wakers.add(enqueue),
    reconcile: async (key) => {
      await loaded;
      return reconcile(key, agent);
    },
  };
}
