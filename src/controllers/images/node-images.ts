import type { ImageFacts, Podman, PodmanEvent } from '../../host/podman.ts';
import type { Node } from '../../kinds/types.ts';
import type { Clock } from '../clock.ts';

type NodeImages = NonNullable<NonNullable<Node['status']>['images']>;

/** The kubelet's `nodeStatusMaxImages`, and its most names of one image. */
const MOST_IMAGES = 50;
const MOST_NAMES = 5;
/** Pulls come in salvos, and Podman tells of one at each start of a container: the Node is written once for all of one. */
const PACE_MS = 5_000;

/** `status.images` of a Node: the largest first. Pure. */
export function nodeImages(images: readonly ImageFacts[]): NodeImages {
  const order = [...images].sort((a, b) => b.sizeBytes - a.sizeBytes || (a.id < b.id ? -1 : 1));
  return order.slice(0, MOST_IMAGES).map(({ repoDigests, repoTags, sizeBytes }) => ({
    names: [...repoDigests, ...repoTags].slice(0, MOST_NAMES),
    sizeBytes,
  }));
}

/** Calls `listener` a while after images may have come or gone, until aborted. The start of a container isn't held up by that. */
export function watchImages(
  { podman, clock }: { readonly podman: Podman; readonly clock: Clock },
  listener: () => void,
  signal: AbortSignal,
): void {
  let isDue = false;
  const tell = (): void => {
    isDue = false;
    if (!signal.aborted) listener();
  };
  const heard = ({ type }: PodmanEvent): void => {
    if (type !== 'image' || isDue) return;
    isDue = true;
    clock.after(PACE_MS, tell);
  };
  podman.watch(heard, { signal }).catch(() => undefined);
}
