import type { Pod } from '../../kinds/types.ts';
import type { Requeue } from '../controller.ts';
import { objectKey, uidOf } from '../meta.ts';
import { isSidecar } from '../pod-status/container-status.ts';
import type { WaitingReason } from '../pod-status/facts.ts';
import { type Agent, allContainers } from './agent.ts';
import type { ImageOutcome } from './image-pulls.ts';
import { type WantedImage, wantedImages } from './image-volumes.ts';
import { pullAuth } from './pull-auth.ts';
import { dependsOnImages, type ReferencedObjects } from './references.ts';

/** Longest pause before failed pulls are looked at again. */
const LAST_CHECK_MS = 300_000;

/** How a pod's images stand. */
export interface ImageTurns {
  /** Whether the pod's units may be written and started. */
  readonly mayStart: boolean;
  /** Containers whose image isn't there. */
  readonly held: readonly string[];
  /** Why, of those whose pull failed. */
  readonly reasons: { readonly [container: string]: WaitingReason };
  /** When to look again, if anything is missing. */
  readonly requeue: Requeue | undefined;
}

/** The containers whose turn it is: init containers one by one, the others when these have done their work. Pure. */
export function dueContainers({ spec, status }: Pod): ReadonlySet<string> {
  const init = spec?.initContainers ?? [];
  const isDone = (container: (typeof init)[number]): boolean => {
    const found = status?.initContainerStatuses?.find(({ name }) => name === container.name);
    return isSidecar(container) ? found?.started === true : found?.state?.terminated?.exitCode === 0;
  };
  const first = init.findIndex((container) => !isDone(container));
  if (first >= 0) return new Set(init.slice(0, first + 1).map(({ name }) => name));
  return new Set([...init, ...(spec?.containers ?? [])].map(({ name }) => name));
}

/** What needn't be fetched yet: images of later containers that aren't on the machine. */
async function deferred(
  pod: Pod,
  wanted: readonly WantedImage[],
  { podman }: Agent,
): Promise<ReadonlySet<WantedImage>> {
  const due = dueContainers(pod);
  const later = wanted.filter(({ users }) => users.length > 0 && users.every((name) => !due.has(name)));
  const isThere = await Promise.all(later.map(({ container }) => podman.inspectImage(container.image ?? '')));
  return new Set(later.filter((_, index) => isThere[index] === undefined));
}

/**
 * Fetches images in the order in which the kubelet does: those of a container when it is its turn, so that init containers
 * run before main ones have theirs, and one that can't be had holds up no other container. All are waited for where
 * what is in an image decides about the units, and where nobody could hold a container back.
 */
export async function takeTurns(pod: Pod, objects: ReferencedObjects, agent: Agent): Promise<ImageTurns> {
  const wanted = wantedImages(pod);
  const isStaged = agent.imageHolds !== undefined && !dependsOnImages(pod);
  const later = isStaged ? await deferred(pod, wanted, agent) : new Set<WantedImage>();
  const outcomes = await Promise.all(
    wanted
      .filter((one) => !later.has(one))
      .map(async ({ container, list, users }) => {
        const auth = pullAuth(container.image ?? '', pod, objects.secrets);
        const request = { pod, container, list, ...(auth ? { auth } : {}) };
        return { users, outcome: await agent.pulls.ensure(request, () => agent.wake(objectKey(pod))) };
      }),
  );
  const missing = [...outcomes.filter(({ outcome }) => outcome.state !== 'present'), ...later];
  const held = new Set(missing.flatMap(({ users }) => users));
  const failed = outcomes.flatMap(({ users, outcome }) => (outcome.state === 'failed' ? [{ users, outcome }] : []));
  const [first] = allContainers(pod).filter(
    ({ container }) => dueContainers(pod).has(container.name) && !held.has(container.name),
  );
  return {
    mayStart: missing.length === 0 || (isStaged && first !== undefined),
    held: [...held],
    reasons: reasonsOf(failed),
    requeue: missing.length === 0 ? undefined : { afterMs: soonest(failed.map(({ outcome }) => outcome.againMs)) },
  };
}

type Failed = { readonly users: readonly string[]; readonly outcome: ImageOutcome & { readonly state: 'failed' } };

function reasonsOf(failed: readonly Failed[]): ImageTurns['reasons'] {
  return Object.fromEntries(failed.flatMap(({ users, outcome }) => users.map((name) => [name, outcome.waiting])));
}

function soonest(times: readonly number[]): number {
  return Math.min(LAST_CHECK_MS, ...times);
}

/** Goes on fetching for a pod that runs in part, and lets containers go whose image has come. */
export async function continueTurns(pod: Pod, objects: ReferencedObjects, agent: Agent): Promise<Requeue | undefined> {
  const before = (await agent.imageHolds?.get(uidOf(pod))) ?? [];
  if (before.length === 0) return undefined;
  const { held, reasons, requeue } = await takeTurns(pod, objects, agent);
  agent.waiting.set(uidOf(pod), reasons);
  await agent.imageHolds?.set(uidOf(pod), held);
  return requeue;
}
