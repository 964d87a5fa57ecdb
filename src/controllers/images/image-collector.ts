import type { Podman } from '../../host/podman.ts';
import type { DiskFacts } from '../../host/pressure.ts';
import type { PulledImages } from '../../host/pulled-images.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../controller.ts';
import { uidOf } from '../meta.ts';
import type { Resources } from '../resources.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import { bytesToFree, collectible, type ImagePolicy, type UnusedImage } from './image-policy.ts';
import { imagesOf } from './image-references.ts';

const UID_LABEL = 'io.kubernetes.pod.uid';

/** What collecting takes. */
export interface ImageCollectorOptions {
  readonly resources: Resources;
  readonly podman: Pick<Podman, 'listImages' | 'listContainers' | 'inspectImage' | 'deleteImage' | 'deleteContainer'>;
  readonly pulled: PulledImages;
  readonly policy: ImagePolicy;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a collection came to. */
export interface Collection {
  readonly wantedBytes: number;
  readonly freedBytes: number;
}

/** Removes images that were pulled for pods and that nobody uses. */
export interface ImageCollector {
  /** Remembers what is in use now: cheap, asks nobody. */
  note(): void;
  /** Frees space when the disk is too full; undefined when it isn't. */
  collect(disk: DiskFacts): Promise<Collection | undefined>;
  /** Frees all that can be: unused images and dead containers of pods that are gone. */
  collectAll(): Promise<void>;
}

/** Names of the images that are wanted by what is stored: also by runs that timers start without us. */
function wantedNames({ pods, cronJobs }: Resources): ReadonlySet<string> {
  const running = pods.list().filter((pod) => !isPodFinished(pod));
  const specs = [...running, ...cronJobs.list().map(({ spec }) => spec?.jobTemplate.spec?.template)];
  return new Set(specs.flatMap((one) => imagesOf(one?.spec)));
}

/** Ids of those, and of what any container uses, whoever's it is. */
async function usedIds({ podman, resources }: ImageCollectorOptions): Promise<ReadonlySet<string>> {
  const names = [...wantedNames(resources)];
  const [containers, images] = await Promise.all([
    podman.listContainers({}),
    Promise.all(names.map((name) => podman.inspectImage(name))),
  ]);
  return new Set([...containers.map(({ imageId }) => imageId), ...images.map((image) => image?.id ?? '')]);
}

/** Containers of pods that are gone, which nobody has taken away. */
async function removeDeadContainers({ podman, resources }: ImageCollectorOptions): Promise<void> {
  const alive = new Set(resources.pods.list().map(uidOf));
  const containers = await podman.listContainers({});
  const dead = containers.filter(({ state, labels, isInfra }) => {
    const uid = labels[UID_LABEL];
    return uid !== undefined && !alive.has(uid) && !isInfra && state === 'exited';
  });
  for (const { id } of dead) await podman.deleteContainer(id);
}

/** A collector that has seen nothing yet: what it finds counts as just come, as for the kubelet. */
export function createImageCollector(options: ImageCollectorOptions): ImageCollector {
  const { podman, pulled, policy, clock, log, resources } = options;
  const firstSeen = new Map<string, number>();
  const lastUsed = new Map<string, number>();
  const usedNames = new Map<string, number>();
  const began = clock.elapsed();
  const note = (): void => {
    for (const name of wantedNames(resources)) usedNames.set(name, clock.elapsed());
  };
  const unused = async (): Promise<readonly UnusedImage[]> => {
    note();
    const [ours, used, images] = await Promise.all([pulled.all(), usedIds(options), podman.listImages()]);
    const now = clock.elapsed();
    return images.flatMap(({ id, repoTags, repoDigests, sizeBytes }) => {
      if (!ours.includes(id)) return [];
      if (!firstSeen.has(id)) firstSeen.set(id, now);
      if (used.has(id)) lastUsed.set(id, now);
      if (used.has(id)) return [];
      const noted = [...repoTags, ...repoDigests].map((name) => usedNames.get(name) ?? 0);
      const last = Math.max(began, lastUsed.get(id) ?? 0, ...noted);
      return [{ id, sizeBytes, lastUsed: last, firstSeen: firstSeen.get(id) ?? now }];
    });
  };
  const remove = async (images: readonly UnusedImage[], wantedBytes: number): Promise<number> => {
    const gone: string[] = [];
    let freed = 0;
    for (const { id, sizeBytes } of images) {
      if (freed >= wantedBytes) break;
      if (!(await podman.deleteImage(id))) continue;
      gone.push(id);
      freed += sizeBytes;
    }
    if (gone.length > 0) log.info({ images: gone, freed }, 'unused images removed');
    await pulled.delete(gone);
    return freed;
  };
  return {
    note,
    collect: async (disk) => {
      const wantedBytes = bytesToFree(disk, policy);
      if (wantedBytes === 0) return undefined;
      const images = collectible(await unused(), policy, clock.elapsed());
      return { wantedBytes, freedBytes: await remove(images, wantedBytes) };
    },
    collectAll: async () => {
      await removeDeadContainers(options);
      await remove(collectible(await unused(), policy, clock.elapsed()), Number.POSITIVE_INFINITY);
    },
  };
}
