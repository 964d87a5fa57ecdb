import type { UnitDrift } from '../../systemd/unit-directory.ts';
import { podUnitNames } from '../../translators/units/pod-names.ts';
import type { Pod } from '../kinds/types.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import { objectKey, splitKey, uidOf } from './meta.ts';
import { createAddressBook } from './pod-units/address-book.ts';
import { type Agent, kubelet, type PodUnitsOptions } from './pod-units/agent.ts';
import { usersOfClaim } from './pod-units/claims.ts';
import { createDrain } from './pod-units/drain.ts';
import { createHostBatch } from './pod-units/host-batch.ts';
import { createImagePulls } from './pod-units/image-pulls.ts';
import { dueContainers } from './pod-units/image-turns.ts';
import { createInventory, type HostedPod, type Inventory } from './pod-units/inventory.ts';
import { planPodUnits } from './pod-units/plan.ts';
import { podReferences, showsOwnMetadata } from './pod-units/references.ts';
import { runPod } from './pod-units/run-pod.ts';
import { createTeardowns } from './pod-units/teardown.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

export type { PodTranslator, PodUnitsOptions } from './pod-units/agent.ts';

/** Grace for what runs though its pod is gone. */
const ORPHAN_GRACE_S = 30;

function recordKilling(pod: Pod, { recorder }: Agent): void {
  for (const status of pod.status?.containerStatuses ?? []) {
    if (status.state?.running === undefined) continue;
    const fieldPath = `spec.containers{${status.name}}`;
    recorder.record(pod, { ...kubelet('Normal', 'Killing', `Stopping container ${status.name}`), fieldPath });
  }
}

async function finalize(pod: Pod, { resources, pulls, attempts, waiting, ...boards }: Agent): Promise<void> {
  boards.imageHolds?.forget(uidOf(pod));
  boards.firstStarts?.forget(uidOf(pod));
  pulls.forget(uidOf(pod));
  attempts.delete(uidOf(pod));
  waiting.set(uidOf(pod), {});
  await resources.pods.delete(pod, { gracePeriodSeconds: 0 });
}

/** Whether the units' own grace periods aren't it: another one was asked for, or sidecars have to share it. */
function hasOwnDeadline({ spec }: Pod, graceSeconds: number): boolean {
  const hasSidecar = (spec?.initContainers ?? []).some(({ restartPolicy }) => restartPolicy === 'Always');
  return hasSidecar || graceSeconds !== (spec?.terminationGracePeriodSeconds ?? 30);
}

async function tearDown(
  pod: Pod | undefined,
  hosted: HostedPod,
  how: { graceSeconds: number; key: string; agent: Agent },
): Promise<void> {
  const { graceSeconds, key, agent } = how;
  const isOwn = pod !== undefined && hosted.uid === uidOf(pod);
  if (isOwn && !agent.teardowns.isRunning(hosted.uid)) recordKilling(pod, agent);
  if (isOwn && hasOwnDeadline(pod, graceSeconds)) {
    const deadline = Math.ceil(agent.clock.now() / 1000) + graceSeconds;
    await agent.stopBy?.(hosted.uid, deadline);
  }
  const drain = isOwn ? () => agent.drain(pod, graceSeconds) : undefined;
  agent.teardowns.begin(hosted, graceSeconds, () => agent.wake(key), drain);
}

async function reconcile(key: string, agent: Agent): Promise<Requeue | undefined> {
  const { namespace, name } = splitKey(key);
  if (namespace === '') return removeOrphan(name, agent);
  const stored = agent.resources.pods.find(namespace, name);
  const pod = stored?.spec?.nodeName === agent.nodeName ? stored : undefined;
  const { gate } = podUnitNames({ metadata: { namespace, name } });
  const plan = planPodUnits({ pod, hosted: agent.inventory.owning(gate) });
  switch (plan.action) {
    case 'none':
      return undefined;
    case 'teardown':
      for (const hosted of plan.pods) await tearDown(pod, hosted, { graceSeconds: plan.graceSeconds, key, agent });
      return undefined;
    case 'finalize':
      if (pod !== undefined) await finalize(pod, agent);
      return undefined;
    case 'run':
      return pod === undefined ? undefined : runPod(pod, agent);
    default:
      return plan satisfies never;
  }
}

/** Keys of what runs here though no pod of that uid is stored: an empty namespace, and the uid as name. */
function orphanKeys(inventory: Inventory, { resources }: PodUnitsOptions): readonly string[] {
  const stored = new Set(resources.pods.list().map(uidOf));
  return inventory
    .all()
    .filter(({ uid }) => !stored.has(uid))
    .map(({ uid }) => `/${uid}`);
}

/** Whether a timer made the pod while nobody watched: it is about to be recorded. */
async function isOfTimer(uid: string, { timerRuns }: Agent): Promise<boolean> {
  const runs = (await timerRuns?.list()) ?? [];
  return runs.some(({ facts }) => facts['POD_UID'] === uid);
}

/** Takes an orphan off the machine: its pod was deleted while nobody listened. */
async function removeOrphan(uid: string, agent: Agent): Promise<undefined> {
  const hosted = agent.inventory.get(uid);
  // Before the pods are looked at: what is recorded meanwhile is among them.
  if (hosted === undefined || (await isOfTimer(uid, agent))) return undefined;
  if (agent.resources.pods.list().some((pod) => uidOf(pod) === uid)) return undefined;
  agent.log.info({ uid, units: hosted.units }, 'removing the units of a pod that is gone');
  agent.teardowns.begin(hosted, ORPHAN_GRACE_S, () => agent.wake(`/${uid}`));
  return undefined;
}

/** What of a pod this controller acts on; changes of anything else (its status, mostly) are no reason to look. */
function relevant(pod: Pod | undefined): string {
  if (pod === undefined) return '';
  const { generation, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata ?? {};
  const shown = showsOwnMetadata(pod) ? JSON.stringify([pod.metadata?.labels, pod.metadata?.annotations]) : '';
  return [
    generation,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    pod.spec?.nodeName,
    isPodFinished(pod),
    shown,
  ].join();
}

/** Whether an init container has done its work: the image of the next one may be fetched. */
function isNextTurn(before: Pod | undefined, now: Pod, { imageHolds }: Agent): boolean {
  if (before === undefined || !imageHolds?.isHolding(uidOf(now))) return false;
  return dueContainers(before).size !== dueContainers(now).size;
}

function changedImages(before: Pod, now: Pod): ReadonlySet<string> {
  const old = new Map((before.spec?.containers ?? []).map((c) => [c.name, c.image]));
  const changed = (now.spec?.containers ?? []).filter((c) => old.get(c.name) !== c.image);
  return new Set(changed.map((c) => c.name));
}

function podKeys({ type, entry, previous }: ObjectChange, agent: Agent): readonly string[] {
  const pod = entry.object as Pod;
  const before = previous?.object as Pod | undefined;
  if (type === 'MODIFIED' && relevant(before) === relevant(pod) && !isNextTurn(before, pod, agent)) return [];
  const changed = type === 'MODIFIED' && before !== undefined ? changedImages(before, pod) : new Set<string>();
  if (changed.size > 0 && agent.inventory.get(uidOf(pod)) !== undefined) agent.changedImages.set(uidOf(pod), changed);
  if (type === 'DELETED') agent.changedImages.delete(uidOf(pod));
  return [objectKey(pod)];
}

/** The pods that read this ConfigMap or Secret. */
function readersOf({ entry }: ObjectChange, kind: 'ConfigMap' | 'Secret', options: PodUnitsOptions): readonly string[] {
  const { namespace = '', name = '' } = entry.object.metadata ?? {};
  const reads = (pod: Pod): boolean => podReferences(pod).some((r) => r.kind === kind && r.name === name);
  return options.resources.pods.list(namespace).filter(reads).map(objectKey);
}

/** The pods that wait for an account that has just been made. */
function usersOf({ type, entry }: ObjectChange, { resources }: PodUnitsOptions): readonly string[] {
  const { namespace = '', name = '' } = entry.object.metadata ?? {};
  const pods = type === 'ADDED' ? resources.pods.list(namespace) : [];
  return pods.filter(({ spec }) => (spec?.serviceAccountName || 'default') === name).map(objectKey);
}

/** The pods that may have waited for a claim; those that run have what they need. */
function newUsersOf({ entry }: ObjectChange, { resources, inventory }: Agent): readonly string[] {
  const users = usersOfClaim(entry.object, resources);
  return users.filter((pod) => inventory.get(uidOf(pod)) === undefined).map(objectKey);
}

function createAgent(options: PodUnitsOptions, wake: (key: string) => void): Agent {
  const { resources, unitDirectory } = options;
  const inventory = createInventory(unitDirectory);
  const batch = createHostBatch({ ...options, directory: unitDirectory });
  return {
    ...options,
    batch,
    inventory,
    wake,
    drain: createDrain({ settled: async () => {}, ...options }),
    teardowns: createTeardowns({ ...options, batch, inventory }),
    pulls: createImagePulls(options),
    addresses: createAddressBook({ ...options, pods: resources.pods }),
    attempts: new Map(),
    changedImages: new Map(),
  };
}

/** Says that somebody changed a unit of a pod, and has it written again. */
function restore({ owner, path, difference }: UnitDrift, { resources, recorder, wake }: Agent): void {
  const pod = resources.pods.list().find((one) => uidOf(one) === owner);
  if (pod === undefined) return;
  const what = difference === undefined ? 'was deleted' : `was changed: ${difference.replaceAll('\n', '; ')}`;
  recorder.record(pod, kubelet('Warning', 'UnitFileRestored', `${path} ${what}`));
  wake(objectKey(pod));
}

/**
 * The node agent's write side: what each pod bound here needs on this machine, from its address over its images to its
 * units; and everything off again when it goes. Pods that run already are left alone but for their files' text.
 */
export function podUnits(options: PodUnitsOptions): Controller {
  let enqueue = (_key: string): void => {};
  const agent = createAgent(options, (key) => enqueue(key));
  const loaded = agent.inventory.refresh();
  loaded.catch((err: unknown) => options.log.error({ err }, 'the unit files of pods cannot be read'));
  return {
    name: 'pod-units',
    concurrency: 256,
    inputs: [
      { resource: '/pods', keys: (change) => podKeys(change, agent) },
      { resource: '/configmaps', keys: (change) => readersOf(change, 'ConfigMap', options) },
      { resource: '/secrets', keys: (change) => readersOf(change, 'Secret', options) },
      { resource: '/persistentvolumeclaims', keys: (change) => newUsersOf(change, agent) },
      { resource: '/serviceaccounts', keys: (change) => usersOf(change, options) },
    ],
    outputs: [
      { what: 'unit files of pods', mode: 'exclusive' },
      { what: 'units of pods', mode: 'exclusive' },
      { what: '/pods#status.podIP', mode: 'exclusive' },
      { what: '/pods#status of a pod that the node refuses', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    extraKeys: async () => {
      await loaded;
      return orphanKeys(agent.inventory, options);
    },
    hints: (wake, signal) => {
      enqueue = wake;
      options.unitDirectory.watch?.((drift) => restore(drift, agent), { signal });
    },
    reconcile: async (key) => {
      await loaded;
      return reconcile(key, agent);
    },
  };
}
