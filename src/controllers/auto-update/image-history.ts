import type { ContainerStatus, Pod } from '../../kinds/types.ts';
import { isPodReady } from '../workloads/pod-facts.ts';

/** An image that came in place of another and hasn't proved itself yet. */
export interface Candidate {
  readonly container: string;
  readonly from: string;
  readonly to: string;
}

/** How a candidate ended. */
export interface Verdict extends Candidate {
  readonly outcome: 'updated' | 'rolled-back';
}

/** What is remembered of a pod between two looks. */
export interface ImageHistory {
  /** Image ids last seen, by container. */
  readonly images: { readonly [container: string]: string };
  readonly candidates: readonly Candidate[];
}

/** Annotation by which a pod's containers are updated by `podman auto-update`. */
export const AUTO_UPDATE_ANNOTATION = 'io.containers.autoupdate';

/** A pod that was never looked at. */
export const NO_HISTORY: ImageHistory = { images: {}, candidates: [] };

function judge(candidate: Candidate, now: string, isReady: boolean): Verdict | undefined {
  if (now === candidate.from) return { ...candidate, outcome: 'rolled-back' };
  return now === candidate.to && isReady ? { ...candidate, outcome: 'updated' } : undefined;
}

function step(
  status: ContainerStatus,
  history: ImageHistory,
  isReady: boolean,
): { candidate?: Candidate; verdict?: Verdict } {
  const open = history.candidates.find((c) => c.container === status.name);
  const seen = history.images[status.name];
  if (open !== undefined) {
    const verdict = judge(open, status.imageID, isReady);
    if (verdict !== undefined) return { verdict };
    return { candidate: status.imageID === open.to ? open : { ...open, to: status.imageID } };
  }
  if (!seen || seen === status.imageID) return {};
  const candidate = { container: status.name, from: seen, to: status.imageID };
  const verdict = judge(candidate, status.imageID, isReady);
  return verdict === undefined ? { candidate } : { verdict };
}

/**
 * Follows the images of a pod's containers: a changed image is a candidate until the pod is ready with it (updated) or
 * the old one is back (rolled back). The robust sign of `podman auto-update`'s work: it leaves no other that survives
 * a missed event. Pure.
 */
export function followImages(
  pod: Pod,
  history: ImageHistory,
): { readonly history: ImageHistory; readonly verdicts: readonly Verdict[] } {
  const statuses = (pod.status?.containerStatuses ?? []).filter((s) => s.imageID !== '');
  const steps = statuses.map((status) => step(status, history, isPodReady(pod)));
  return {
    history: {
      images: { ...history.images, ...Object.fromEntries(statuses.map((s) => [s.name, s.imageID])) },
      candidates: steps.flatMap(({ candidate }) => (candidate ? [candidate] : [])),
    },
    verdicts: steps.flatMap(({ verdict }) => (verdict ? [verdict] : [])),
  };
}
