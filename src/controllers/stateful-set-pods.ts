import type { PersistentVolumeClaim, Pod, StatefulSet } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import { ownedBy } from './indexes.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf, objectKey, splitKey } from './meta.ts';
import { claimOwners, isStale, needsOwners } from './stateful-set/claims.ts';
import { planStatefulSet, type StatefulPlan } from './stateful-set/stateful-plan.ts';
import {
  claimsOf,
  HASH_LABEL,
  ordinalOf,
  podRevision,
  STATEFUL_SET_TYPE,
  withIdentity,
} from './stateful-set/stateful-pod.ts';
import { statefulStatus } from './stateful-set/stateful-status.ts';
import { type StatefulView, viewStatefulSet } from './stateful-set/stateful-view.ts';
import { claimPods, ownersOfPod } from './workloads/owned-pods.ts';
import { errorText, isNamespaceTerminating, type PodControl, tell } from './workloads/pod-control.ts';
import type { ReplicasOptions } from './workloads/replicas.ts';
import { type History, surplusRevisions, syncRevisions } from './workloads/revisions.ts';

interface Pass extends ReplicasOptions {
  readonly set: StatefulSet;
  readonly control: PodControl;
  readonly history: History;
}

/** The set as it stands now: reads see all our writes. */
function look({ set, resources, clock, history }: Pass): StatefulView {
  const { update, all } = history;
  const current = all.find((r) => nameOf(r) === set.status?.currentRevision) ?? update;
  const pods = ownedBy(set, resources.pods).filter((pod) => ordinalOf(pod, set) !== undefined);
  return viewStatefulSet({ set, pods, current, update, now: clock.now() });
}

/** Does something to a pod or its claims and tells of it as upstream does; throws on when it fails. */
async function told<T>(
  pass: Pass,
  { verb, what, done }: { readonly verb: 'Create' | 'Delete'; readonly what: string; readonly done: string },
  run: () => Promise<T>,
): Promise<T> {
  const sentence = `${verb.toLowerCase()} ${what} in StatefulSet ${nameOf(pass.set)}`;
  try {
    const result = await run();
    tell(pass.control, 'Normal', [`Successful${verb}`, `${sentence} ${done}`]);
    return result;
  } catch (error) {
    if (!isNamespaceTerminating(error)) {
      tell(pass.control, 'Warning', [`Failed${verb}`, `${sentence} failed error: ${errorText(error)}`]);
    }
    throw error;
  }
}

async function ensureClaim(pass: Pass, claim: PersistentVolumeClaim, pod: Pod): Promise<void> {
  const { persistentVolumeClaims } = pass.resources;
  const found = persistentVolumeClaims.find(namespaceOf(claim), nameOf(claim));
  if (found !== undefined && isDeleting(found)) throw new Error(`pvc ${nameOf(claim)} is being deleted`);
  if (found !== undefined) return;
  const what = `Claim ${nameOf(claim)} Pod ${nameOf(pod)}`;
  await told(pass, { verb: 'Create', what, done: 'success' }, () => persistentVolumeClaims.create(claim));
}

function storedClaims({ set, resources }: Pass, ordinal: number): readonly PersistentVolumeClaim[] {
  const found = claimsOf(set, ordinal).map((c) => resources.persistentVolumeClaims.find(namespaceOf(set), nameOf(c)));
  return found.filter((claim) => claim !== undefined);
}

/** Makes a pod after its claims; not while claims of its predecessor are still on their way out. */
async function createPod(pass: Pass, { ordinal, pod }: StatefulPlan['create'][number]): Promise<void> {
  const { resources, set } = pass;
  if (storedClaims(pass, ordinal).some((claim) => isStale(claim, ''))) return;
  for (const claim of claimsOf(set, ordinal)) await ensureClaim(pass, claim, pod);
  const what = `Pod ${nameOf(pod)}`;
  await told(pass, { verb: 'Create', what, done: 'successful' }, () => resources.pods.create(pod));
}

async function removePod(pass: Pass, pod: Pod): Promise<void> {
  const what = `Pod ${nameOf(pod)}`;
  await told(pass, { verb: 'Delete', what, done: 'successful' }, () => pass.resources.pods.delete(pod));
}

function tellEnded({ set, control }: Pass, pod: Pod): void {
  const failed = pod.status?.phase === 'Failed';
  const sort = failed ? 'failed' : 'terminated';
  const message = `StatefulSet ${objectKey(set)} is recreating ${sort} Pod ${nameOf(pod)}`;
  tell(control, failed ? 'Warning' : 'Normal', [failed ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod', message]);
}

/** Brings labels of pods and owners of claims in line; both may have been changed by others or by the spec. */
async function repair(pass: Pass, view: StatefulView): Promise<void> {
  const { set, resources } = pass;
  if (isDeleting(set)) return;
  for (const pod of view.pods) {
    const ordinal = ordinalOf(pod, set) ?? -1;
    if (withIdentity(pod, ordinal)) await resources.pods.modify(pod, (now) => withIdentity(now, ordinal));
    for (const claim of storedClaims(pass, ordinal)) {
      if (!needsOwners(set, pod, claim)) continue;
      await resources.persistentVolumeClaims.modify(claim, (now) => ({
        ...now,
        metadata: { ...now.metadata, ownerReferences: claimOwners(set, pod, now) },
      }));
    }
  }
}

/** Does something to each, whatever becomes of the others: a parallel set doesn't wait for its weakest pod. */
async function failuresOf<T>(each: readonly T[], run: (one: T) => Promise<void>): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const one of each) await run(one).catch((error: unknown) => failures.push(error));
  return failures;
}

async function applyPlan(pass: Pass, { ended, create, claims, remove }: StatefulPlan): Promise<void> {
  for (const pod of ended) {
    tellEnded(pass, pod);
    await removePod(pass, pod);
  }
  const failures = await failuresOf(create, (place) => createPod(pass, place));
  for (const { ordinal, pod } of claims) {
    for (const claim of pod ? claimsOf(pass.set, ordinal) : []) await ensureClaim(pass, claim, pod ?? {});
  }
  for (const pod of remove) await removePod(pass, pod);
  if (failures.length > 0) throw failures[0];
}

async function cleanHistory({ set, resources, history }: Pass, view: StatefulView): Promise<void> {
  const live = new Set([nameOf(view.current), nameOf(view.update), ...view.pods.map(podRevision)]);
  const limit = set.spec?.revisionHistoryLimit ?? 10;
  for (const revision of surplusRevisions(history.all, (r) => live.has(nameOf(r)), limit)) {
    await resources.controllerRevisions.delete(revision);
  }
}

async function writeStatus(pass: Pass, view: StatefulView): Promise<Requeue | undefined> {
  const { set, resources, history } = pass;
  const { status, nextMs } = statefulStatus(view, history.collisionCount);
  if (!semanticEqual(status, set.status)) {
    await resources.statefulSets.modify(set, (now) => ({ ...now, status }), 'status');
  }
  return nextMs === undefined ? undefined : { afterMs: nextMs };
}

async function sync(pass: Pass): Promise<Requeue | undefined> {
  const before = look(pass);
  try {
    await repair(pass, before);
    await applyPlan(pass, planStatefulSet(before));
  } catch (error) {
    await writeStatus(pass, look(pass));
    throw error;
  }
  const view = look(pass);
  const requeue = await writeStatus(pass, view);
  await cleanHistory(pass, view);
  return requeue;
}

async function reconcile(key: string, options: ReplicasOptions): Promise<Requeue | undefined> {
  const { resources, recorder } = options;
  const { namespace, name } = splitKey(key);
  const set = resources.statefulSets.find(namespace, name);
  if (set === undefined) return undefined;
  const { selector, template } = set.spec ?? {};
  const reference = controllerReference(set, STATEFUL_SET_TYPE);
  const adoptable = (pod: Pod): boolean => ordinalOf(pod, set) !== undefined;
  await claimPods(set, { selector, reference, adoptable }, resources.pods);
  const { collisionCount } = set.status ?? {};
  const owner = { owner: set, reference, selector, template, hashLabel: HASH_LABEL, collisionCount };
  const history = await syncRevisions(owner, resources.controllerRevisions);
  const control = { owner: set, component: 'statefulset-controller', pods: resources.pods, recorder };
  return sync({ ...options, set, control, history });
}

/** A claim that goes may be what a new pod waits for. */
function setsOfClaim({ type, entry }: ObjectChange, { statefulSets }: ReplicasOptions['resources']): readonly string[] {
  if (type !== 'DELETED') return [];
  const name = nameOf(entry.object);
  const uses = (set: StatefulSet): boolean => name.includes(`-${nameOf(set)}-`);
  return statefulSets.list(namespaceOf(entry.object)).filter(uses).map(objectKey);
}

/** Keeps the pods of StatefulSets in their places: names, claims, order and revisions. */
export function statefulSetPods(options: ReplicasOptions): Controller {
  const { resources } = options;
  const { statefulSets } = resources;
  const owner = { type: STATEFUL_SET_TYPE, resource: statefulSets, selectorOf: (s: StatefulSet) => s.spec?.selector };
  return {
    name: 'stateful-set-pods',
    concurrency: 4,
    inputs: [
      { resource: 'apps/statefulsets', keys: (change) => [objectKey(change.entry.object)] },
      { resource: '/pods', keys: (change) => ownersOfPod(change, owner) },
      { resource: '/persistentvolumeclaims', keys: (change) => setsOfClaim(change, resources) },
    ],
    outputs: [
      { what: 'apps/statefulsets#status', mode: 'exclusive' },
      { what: '/pods of a StatefulSet', mode: 'exclusive' },
      { what: '/persistentvolumeclaims of a StatefulSet', mode: 'exclusive' },
      { what: 'apps/controllerrevisions of a StatefulSet', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: (key) => reconcile(key, options),
  };
}
