import type { DaemonSet, Pod } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Controller, Requeue } from './controller.ts';
import { type DaemonPlan, type EndedDaemon, planDaemons, planDaemonUpdate } from './daemon-set/daemon-plan.ts';
import { DAEMON_SET_TYPE, HASH_LABEL } from './daemon-set/daemon-pod.ts';
import { daemonStatus } from './daemon-set/daemon-status.ts';
import { type DaemonView, viewDaemons } from './daemon-set/daemon-view.ts';
import { ownedBy } from './indexes.ts';
import { controllerReference, isDeleting, objectKey, splitKey, uidOf } from './meta.ts';
import { claimPods, ownersOfPod } from './workloads/owned-pods.ts';
import { createPods, deletePods, type PodControl, tell } from './workloads/pod-control.ts';
import type { ReplicasOptions } from './workloads/replicas.ts';
import { type History, surplusRevisions, syncRevisions } from './workloads/revisions.ts';

const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 900_000;

/** Pauses between the failures of a DaemonSet's pods. Losing it on a restart only shortens the next pause. */
type Pauses = Map<string, { readonly until: number; readonly ms: number }>;

interface Pass extends ReplicasOptions {
  readonly set: DaemonSet;
  readonly control: PodControl;
  readonly history: History;
  readonly pauses: Pauses;
}

/** The DaemonSet as it stands now: reads see all our writes. */
function look({ set, resources, clock, history }: Pass): DaemonView {
  return viewDaemons(set, {
    nodes: resources.nodes.list(),
    pods: ownedBy(set, resources.pods),
    hash: history.update.metadata?.labels?.[HASH_LABEL] ?? '',
    now: clock.now(),
  });
}

async function applyPods({ control }: Pass, { create, remove }: Omit<DaemonPlan, 'ended'>): Promise<void> {
  const failure = (await createPods(create, control)) ?? (await deletePods(remove, control));
  if (failure !== undefined) throw new Error(failure.message);
}

/** Milliseconds until a failed pod may be replaced; 0 starts the next, longer pause. */
function pauseBefore({ set, pauses, clock }: Pass): number {
  const key = uidOf(set);
  const now = clock.elapsed();
  const before = pauses.get(key);
  if (before !== undefined && before.until > now) return before.until - now;
  const isFresh = before === undefined || now - before.until > 2 * LAST_PAUSE_MS;
  const ms = isFresh ? FIRST_PAUSE_MS : Math.min(before.ms * 2, LAST_PAUSE_MS);
  pauses.set(key, { until: now + ms, ms });
  return 0;
}

/** Deletes ended pods; failed ones with pauses, so that the kubelet's refusals don't become a race. */
async function replaceEnded(pass: Pass, ended: readonly EndedDaemon[]): Promise<number> {
  const paused = ended.some((e) => e.failed) ? pauseBefore(pass) : 0;
  const due: Pod[] = [];
  for (const { pod, failed, message } of ended) {
    if (failed && paused > 0) continue;
    tell(pass.control, failed ? 'Warning' : 'Normal', [failed ? 'FailedDaemonPod' : 'SucceededDaemonPod', message]);
    due.push(pod);
  }
  await applyPods(pass, { create: [], remove: due });
  return paused;
}

async function cleanHistory({ set, resources, history }: Pass, pods: readonly Pod[]): Promise<void> {
  const live = new Set(pods.map((pod) => pod.metadata?.labels?.[HASH_LABEL]));
  const isLive = (revision: History['update']): boolean =>
    uidOf(revision) === uidOf(history.update) || live.has(revision.metadata?.labels?.[HASH_LABEL]);
  const limit = set.spec?.revisionHistoryLimit ?? 10;
  for (const revision of surplusRevisions(history.all, isLive, limit)) {
    await resources.controllerRevisions.delete(revision);
  }
}

async function sync(pass: Pass): Promise<Requeue | undefined> {
  const { set, resources, history } = pass;
  const plan = planDaemons(look(pass));
  await applyPods(pass, plan);
  const pausedMs = await replaceEnded(pass, plan.ended);
  await applyPods(pass, planDaemonUpdate(look(pass)));
  const view = look(pass);
  await cleanHistory(
    pass,
    view.nodes.flatMap(({ pods }) => pods),
  );
  const { status, nextMs } = daemonStatus(view, history.collisionCount);
  if (!semanticEqual(status, set.status)) {
    await resources.daemonSets.modify(set, (now) => ({ ...now, status }), 'status');
  }
  const waits = [nextMs, pausedMs].filter((ms) => ms !== undefined && ms > 0) as readonly number[];
  return waits.length > 0 ? { afterMs: Math.min(...waits) } : undefined;
}

async function reconcile(key: string, options: ReplicasOptions & { pauses: Pauses }): Promise<Requeue | undefined> {
  const { resources, recorder } = options;
  const { namespace, name } = splitKey(key);
  const set = resources.daemonSets.find(namespace, name);
  if (set === undefined || isDeleting(set)) return undefined;
  const { selector, template } = set.spec ?? {};
  const reference = controllerReference(set, DAEMON_SET_TYPE);
  await claimPods(set, { selector, reference }, resources.pods);
  const { collisionCount } = set.status ?? {};
  const owner = { owner: set, reference, selector, template, hashLabel: HASH_LABEL, collisionCount };
  const history = await syncRevisions(owner, resources.controllerRevisions);
  const control = { owner: set, component: 'daemonset-controller', pods: resources.pods, recorder };
  return sync({ ...options, set, control, history });
}

/** Keeps one pod of each DaemonSet on every node that shall run it, and rolls changes of the template. */
export function daemonSetPods(options: ReplicasOptions): Controller {
  const { daemonSets } = options.resources;
  const owner = { type: DAEMON_SET_TYPE, resource: daemonSets, selectorOf: (set: DaemonSet) => set.spec?.selector };
  const all = { ...options, pauses: new Map() };
  return {
    name: 'daemon-set-pods',
    concurrency: 4,
    inputs: [
      { resource: 'apps/daemonsets', keys: (change) => [objectKey(change.entry.object)] },
      { resource: '/pods', keys: (change) => ownersOfPod(change, owner) },
      { resource: '/nodes', keys: () => daemonSets.list().map(objectKey) },
    ],
    outputs: [
      { what: 'apps/daemonsets#status', mode: 'exclusive' },
      { what: '/pods of a DaemonSet', mode: 'exclusive' },
      { what: 'apps/controllerrevisions of a DaemonSet', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: (key) => reconcile(key, all),
  };
}
