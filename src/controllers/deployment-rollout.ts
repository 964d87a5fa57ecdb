import type { Deployment, ReplicaSet } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Clock } from './clock.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import {
  currentAnnotations,
  newReplicaSet,
  nextRevision,
  planHistoryCleanup,
  sizeAnnotations,
} from './deployment/revisions.ts';
import { currentReplicas, planRolling } from './deployment/rolling-plan.ts';
import {
  activeOnes,
  findNewReplicaSet,
  isRolling,
  REVISION,
  replicasOf,
  revisionOf,
} from './deployment/rollout-facts.ts';
import {
  conditionOf,
  countReplicas,
  hasDeadline,
  isComplete,
  pauseFinding,
  rolloutStatus,
  setCondition,
  untilDeadline,
} from './deployment/rollout-status.ts';
import { isScalingEvent, planScaling, type Resize, type Rollout } from './deployment/scaling-plan.ts';
import type { EventRecorder } from './events.ts';
import { claimable, ownedBy, selectorsAmong } from './indexes.ts';
import { controllerOf, controllerReference, isDeleting, nameOf, namespaceOf, objectKey, splitKey } from './meta.ts';
import { isStatus, type Resources } from './resources.ts';
import { applyClaim } from './workloads/apply-claim.ts';
import { planClaim, selects } from './workloads/claim.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

type Status = NonNullable<Deployment['status']>;

/** What the controller needs. */
export interface DeploymentOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** One pass over one Deployment: what is there, and the means to change it. */
interface Pass extends DeploymentOptions {
  readonly deployment: Deployment;
  readonly owned: readonly ReplicaSet[];
}

function splitReplicaSets(deployment: Deployment, owned: readonly ReplicaSet[]): Rollout {
  const current = findNewReplicaSet(deployment, owned);
  return { deployment, current, old: owned.filter((rs) => rs !== current) };
}

function scaled(pass: Pass, replicaSet: ReplicaSet, { from, to }: { from: number; to: number }): void {
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${nameOf(replicaSet)} from ${from} to ${to}`;
  const component = 'deployment-controller';
  pass.recorder.record(pass.deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message, component });
}

/** Writes new sizes; true when one of them really changed. */
async function applyResizes(pass: Pass, resizes: readonly Resize[]): Promise<boolean> {
  let changed = false;
  for (const { replicaSet, to } of resizes) {
    const annotations = { ...replicaSet.metadata?.annotations, ...sizeAnnotations(pass.deployment) };
    const from = replicasOf(replicaSet);
    if (from === to && semanticEqual(annotations, replicaSet.metadata?.annotations)) continue;
    await pass.resources.replicaSets.modify(replicaSet, (now) => resized(now, to, sizeAnnotations(pass.deployment)));
    if (from === to) continue;
    scaled(pass, replicaSet, { from, to });
    changed = true;
  }
  return changed;
}

function resized(replicaSet: ReplicaSet, replicas: number, annotations: { [key: string]: string }): ReplicaSet {
  if (replicaSet.spec === undefined) return replicaSet;
  return {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations: { ...replicaSet.metadata?.annotations, ...annotations } },
    spec: { ...replicaSet.spec, replicas },
  };
}

/** Brings the current ReplicaSet's annotations and minReadySeconds in line with the Deployment. */
async function syncCurrent(pass: Pass, current: ReplicaSet, revision: bigint): Promise<ReplicaSet> {
  const minReadySeconds = pass.deployment.spec?.minReadySeconds;
  const wanted = currentAnnotations(pass.deployment, current, revision);
  const same = (current.spec?.minReadySeconds ?? 0) === (minReadySeconds ?? 0);
  if (same && semanticEqual(wanted, current.metadata?.annotations)) return current;
  const changed = await pass.resources.replicaSets.modify(current, (now) => ({
    ...now,
    metadata: { ...now.metadata, annotations: currentAnnotations(pass.deployment, now, revision) },
    spec: now.spec && { ...now.spec, minReadySeconds },
  }));
  return changed ?? current;
}

/** A name taken by another template: count the collision, so that the next pass hashes differently. */
async function countCollision(pass: Pass): Promise<never> {
  await pass.resources.deployments.modify(
    pass.deployment,
    (now) => ({ ...now, status: { ...now.status, collisionCount: (now.status?.collisionCount ?? 0) + 1 } }),
    'status',
  );
  throw new Error(`the pod-template-hash of ${objectKey(pass.deployment)} collides; trying another`);
}

async function createCurrent(pass: Pass, old: readonly ReplicaSet[]): Promise<ReplicaSet> {
  const replicas = currentReplicas({ deployment: pass.deployment, current: undefined, old });
  const wanted = newReplicaSet(pass.deployment, { revision: nextRevision(old), replicas });
  try {
    const created = await pass.resources.replicaSets.create(wanted);
    if (replicas > 0) scaled(pass, created, { from: 0, to: replicas });
    return created;
  } catch (error) {
    if (isStatus(error, 'AlreadyExists')) return countCollision(pass);
    throw error;
  }
}

/** The Progressing condition that a ReplicaSet brings when none says anything yet. */
function noticed(
  deployment: Deployment,
  current: ReplicaSet,
  { created, now }: { created: boolean; now: number },
): Status {
  const status = deployment.status ?? {};
  if (!hasDeadline(deployment)) return status;
  if (!created && conditionOf(status.conditions, 'Progressing') !== undefined) return status;
  const finding = {
    type: 'Progressing',
    status: 'True',
    reason: created ? 'NewReplicaSetCreated' : 'FoundNewReplicaSet',
    message: `${created ? 'Created' : 'Found'} new replica set "${nameOf(current)}"`,
  };
  return { ...status, conditions: setCondition(status.conditions ?? [], finding, now) };
}

/** The rollout with its current ReplicaSet synchronized, and made when `create` says so. */
async function withCurrent(pass: Pass, create: boolean): Promise<Rollout> {
  const { current, old } = splitReplicaSets(pass.deployment, pass.owned);
  if (current === undefined && !create) return { deployment: pass.deployment, current, old };
  const ready =
    current === undefined ? await createCurrent(pass, old) : await syncCurrent(pass, current, nextRevision(old));
  const status = noticed(pass.deployment, ready, { created: current === undefined, now: pass.clock.now() });
  const deployment = await syncRevision(pass, revisionOf(ready));
  return { deployment: { ...deployment, status }, current: ready, old };
}

async function syncRevision({ deployment, resources }: Pass, revision: bigint): Promise<Deployment> {
  if (deployment.metadata?.annotations?.[REVISION] === `${revision}`) return deployment;
  const changed = await resources.deployments.modify(deployment, (now) => ({
    ...now,
    metadata: { ...now.metadata, annotations: { ...now.metadata?.annotations, [REVISION]: `${revision}` } },
  }));
  return changed ?? deployment;
}

async function writeStatus(pass: Pass, status: Status): Promise<void> {
  const stored = pass.resources.deployments.find(namespaceOf(pass.deployment), nameOf(pass.deployment));
  if (semanticEqual(stored?.status, status)) return;
  await pass.resources.deployments.modify(pass.deployment, (now) => ({ ...now, status }), 'status');
}

/** ReplicaSets as they are after this pass's writes, with the pass's view of the Deployment. */
function reread(pass: Pass, deployment: Deployment): Rollout {
  return splitReplicaSets(deployment, ownedBy(pass.deployment, pass.resources.replicaSets));
}

async function finish(pass: Pass, deployment: Deployment): Promise<Requeue | undefined> {
  const now = pass.clock.now();
  const rollout = reread(pass, deployment);
  const status = rolloutStatus(rollout, now);
  if (isComplete(deployment, status)) {
    for (const rs of planHistoryCleanup(deployment, rollout.old)) await pass.resources.replicaSets.delete(rs);
  }
  await writeStatus(pass, status);
  const afterMs = untilDeadline(deployment, status, now);
  return afterMs === undefined ? undefined : { afterMs };
}

async function roll(pass: Pass): Promise<Requeue | undefined> {
  const rollout = await withCurrent(pass, true);
  const { current } = rollout;
  if (current !== undefined) await applyResizes(pass, planRolling({ ...rollout, current }));
  return finish(pass, rollout.deployment);
}

function oldPodsRun(pass: Pass, old: readonly ReplicaSet[]): boolean {
  return old.some((replicaSet) => ownedBy(replicaSet, pass.resources.pods).some((pod) => !isPodFinished(pod)));
}

/** Recreate: all old pods go before the first new one comes. */
async function recreate(pass: Pass): Promise<Requeue | undefined> {
  const rollout = await withCurrent(pass, false);
  const shrinks = activeOnes(rollout.old).map((replicaSet) => ({ replicaSet, to: 0 }));
  if ((await applyResizes(pass, shrinks)) || oldPodsRun(pass, rollout.old)) return finish(pass, rollout.deployment);
  const complete = await withCurrent(pass, true);
  if (complete.current !== undefined) {
    await applyResizes(pass, [{ replicaSet: complete.current, to: replicasOf(pass.deployment) }]);
  }
  return finish(pass, complete.deployment);
}

/** While paused or scaled, sizes change and nothing rolls. */
async function scale(pass: Pass): Promise<undefined> {
  const rollout = await withCurrent(pass, false);
  await applyResizes(pass, planScaling(rollout));
  const after = reread(pass, rollout.deployment);
  if (pass.deployment.spec?.paused) {
    for (const rs of planHistoryCleanup(pass.deployment, after.old)) await pass.resources.replicaSets.delete(rs);
  }
  await writeStatus(pass, countReplicas(after, pass.clock.now()));
  return undefined;
}

async function gather(deployment: Deployment, options: DeploymentOptions): Promise<Pass> {
  const { replicaSets } = options.resources;
  const claim = planClaim(deployment, deployment.spec?.selector, claimable(deployment, replicaSets));
  const reference = controllerReference(deployment, { apiVersion: 'apps/v1', kind: 'Deployment' });
  const owned = await applyClaim(claim, { reference }, replicaSets);
  const finding = pauseFinding(deployment);
  if (finding === undefined) return { ...options, deployment, owned };
  const conditions = setCondition(deployment.status?.conditions ?? [], finding, options.clock.now());
  return { ...options, deployment: { ...deployment, status: { ...deployment.status, conditions } }, owned };
}

async function reconcile(key: string, options: DeploymentOptions): Promise<Requeue | undefined> {
  const { namespace, name } = splitKey(key);
  const deployment = options.resources.deployments.find(namespace, name);
  if (deployment === undefined) return undefined;
  const pass = await gather(deployment, options);
  const rollout = splitReplicaSets(pass.deployment, pass.owned);
  if (isDeleting(deployment)) {
    await writeStatus(pass, countReplicas(rollout, options.clock.now()));
    return undefined;
  }
  if (deployment.spec?.paused || isScalingEvent(rollout)) return scale(pass);
  return isRolling(deployment) ? roll(pass) : recreate(pass);
}

function deploymentsOf(change: ObjectChange, { resources }: DeploymentOptions): readonly string[] {
  const object = change.entry.object as ReplicaSet;
  const owner = controllerOf(object);
  if (owner !== undefined) return owner.kind === 'Deployment' ? [`${namespaceOf(object)}/${owner.name}`] : [];
  const wants = (d: Deployment): boolean => selects(d.spec?.selector, object);
  return selectorsAmong(object, resources.deployments).filter(wants).map(objectKey);
}

/** A Recreate waits for its old pods to be gone: the end of a pod wakes its Deployment. */
function recreatingOf(change: ObjectChange, { resources }: DeploymentOptions): readonly string[] {
  const owner = controllerOf(change.entry.object);
  if (owner?.kind !== 'ReplicaSet' || change.type === 'ADDED') return [];
  const namespace = namespaceOf(change.entry.object);
  const replicaSet = resources.replicaSets.find(namespace, owner.name);
  const deployment = replicaSet && controllerOf(replicaSet);
  if (deployment?.kind !== 'Deployment') return [];
  const found = resources.deployments.find(namespace, deployment.name);
  return found !== undefined && !isRolling(found) ? [objectKey(found)] : [];
}

/** Rolls Deployments: one ReplicaSet per template, sized as the strategy allows, with upstream's conditions. */
export function deploymentRollout(options: DeploymentOptions): Controller {
  return {
    name: 'deployment-rollout',
    concurrency: 4,
    inputs: [
      { resource: 'apps/deployments', keys: (change) => [objectKey(change.entry.object)] },
      { resource: 'apps/replicasets', keys: (change) => deploymentsOf(change, options) },
      { resource: '/pods', keys: (change) => recreatingOf(change, options) },
    ],
    outputs: [
      { what: 'apps/deployments#status', mode: 'exclusive' },
      { what: 'apps/replicasets of a Deployment', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: (key) => reconcile(key, options),
  };
}
