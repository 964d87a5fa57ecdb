import type { Podman } from '../../host/podman.ts';
import type { PulledImages } from '../../host/pulled-images.ts';
import type { Container, Pod } from '../../kinds/types.ts';
import type { Clock } from '../clock.ts';
import type { EventRecorder, Happening } from '../events.ts';
import { uidOf } from '../meta.ts';
import type { WaitingReason } from '../pod-status/facts.ts';
import { imageNameProblem } from './image-name.ts';
import type { PullAuth } from './pull-auth.ts';

const FIRST_BACKOFF_MS = 10_000;
const LAST_BACKOFF_MS = 300_000;
/** How long a failure shows as ErrImagePull before it shows as ImagePullBackOff. */
const SHOW_ERROR_MS = 3_000;

/** How the image of a container stands. */
export type ImageOutcome =
  | { readonly state: 'present' }
  | { readonly state: 'pulling' }
  | { readonly state: 'failed'; readonly waiting: WaitingReason; readonly againMs: number };

/** A container, or a volume, whose image is wanted. */
export interface ImageRequest {
  readonly pod: Pod;
  readonly container: Pick<Container, 'name' | 'image' | 'imagePullPolicy'>;
  /** Where it stands in the pod's spec; undefined for a volume. */
  readonly list: 'initContainers' | 'containers' | 'ephemeralContainers' | undefined;
  readonly auth?: PullAuth;
}

/** Pulls images for pods as the kubelet does: by policy, in the background, with back-off and its Events. */
export interface ImagePulls {
  /** Where the image stands; starts a pull when one is due. `wake` is called when it ends. */
  ensure(request: ImageRequest, wake: () => void): Promise<ImageOutcome>;
  /** Forgets a pod. */
  forget(uid: string): void;
}

interface Entry {
  readonly uid: string;
  state: 'present' | 'pulling' | 'failed';
  failures: number;
  failedAt: number;
  retryAt: number;
  error: string;
  said: boolean;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Seconds with up to nine digits as Go prints a duration: `812ms`, `1.204s`. */
function goMilliseconds(ms: number): string {
  return ms < 1000 ? `${ms}ms` : `${Number((ms / 1000).toFixed(3))}s`;
}

function backoff(failures: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 10), LAST_BACKOFF_MS);
}

/** What the puller needs. */
export interface ImagePullsOptions {
  readonly podman: Podman;
  /** Remembers what was pulled, so that it can go again; without it everything stays. */
  readonly pulledImages?: PulledImages;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

class BackgroundPulls implements ImagePulls {
  readonly #options: ImagePullsOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ImagePullsOptions) {
    this.#options = options;
  }

  async ensure(request: ImageRequest, wake: () => void): Promise<ImageOutcome> {
    const key = `${uidOf(request.pod)} ${request.container.name} ${request.container.image}`;
    const entry = this.#entries.get(key);
    if (entry?.state === 'present' || entry?.state === 'pulling') return { state: entry.state };
    if (entry !== undefined) return this.#retry(entry, request, wake);
    const fresh: Entry = {
      uid: uidOf(request.pod),
      state: 'pulling',
      failures: 0,
      failedAt: 0,
      retryAt: 0,
      error: '',
      said: false,
    };
    this.#entries.set(key, fresh);
    return this.#begin(fresh, request, wake);
  }

  forget(uid: string): void {
    for (const [key, entry] of this.#entries) if (entry.uid === uid) this.#entries.delete(key);
  }

  /** Decides by policy and presence, as the kubelet's image manager. */
  async #begin(entry: Entry, request: ImageRequest, wake: () => void): Promise<ImageOutcome> {
    const { image = '', imagePullPolicy } = request.container;
    const problem = imageNameProblem(image);
    if (problem !== undefined) return this.#unnamed(entry, request, problem);
    const found = imagePullPolicy === 'Always' ? undefined : await this.#inspect(image);
    if (found) {
      entry.state = 'present';
      const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
      this.#record(request, 'Normal', 'Pulled', message);
      return { state: 'present' };
    }
    if (imagePullPolicy === 'Never') return this.#never(entry, request);
    entry.state = 'pulling';
    void this.#pull(entry, request).finally(wake);
    return { state: 'pulling' };
  }

  async #inspect(image: string): Promise<boolean> {
    return (await this.#options.podman.inspectImage(image)) !== undefined;
  }

  #never(entry: Entry, request: ImageRequest): ImageOutcome {
    const message = `Container image "${request.container.image}" is not present with pull policy of Never`;
    return this.#notPulled(entry, request, { event: 'ErrImageNeverPull', reason: 'ErrImageNeverPull', message });
  }

  #unnamed(entry: Entry, request: ImageRequest, problem: string): ImageOutcome {
    const quoted = JSON.stringify(request.container.image);
    const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: ${problem}`;
    return this.#notPulled(entry, request, { event: 'InspectFailed', reason: 'InvalidImageName', message });
  }

  /** Nothing was tried: it is looked at again for as long as the pod is as it is. */
  #notPulled(
    entry: Entry,
    request: ImageRequest,
    { event, reason, message }: { readonly event: string; readonly reason: string; readonly message: string },
  ): ImageOutcome {
    entry.state = 'failed';
    entry.retryAt = this.#options.clock.elapsed() + FIRST_BACKOFF_MS;
    if (!entry.said) {
      this.#record(request, 'Warning', event, message);
      this.#record(request, 'Warning', 'Failed', `Error: ${reason}`);
    }
    entry.said = true;
    return { state: 'failed', waiting: { reason, message }, againMs: FIRST_BACKOFF_MS };
  }

  async #pull(entry: Entry, request: ImageRequest): Promise<void> {
    const { podman, clock } = this.#options;
    const { image = '' } = request.container;
    this.#record(request, 'Normal', 'Pulling', `Pulling image "${image}"`);
    const began = clock.elapsed();
    try {
      await this.#fetch(image, request);
      const took = goMilliseconds(Math.round(clock.elapsed() - began));
      const size = (await podman.inspectImage(image))?.sizeBytes ?? 0;
      const message = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${size} bytes.`;
      this.#record(request, 'Normal', 'Pulled', message);
      entry.state = 'present';
    } catch (error) {
      this.#failed(entry, request, text(error));
    }
  }

  /** An image that was there before is somebody else's, and stays when no pod uses it. */
  async #fetch(image: string, { auth }: ImageRequest): Promise<void> {
    const { podman, signal, pulledImages } = this.#options;
    const before = pulledImages && (await podman.listImages()).map(({ id }) => id);
    const id = await podman.pullImage(image, { signal, ...(auth ? { auth } : {}) });
    if (before?.includes(id) === false) await pulledImages?.add(id);
  }

  #failed(entry: Entry, request: ImageRequest, error: string): void {
    const now = this.#options.clock.elapsed();
    entry.state = 'failed';
    entry.failures += 1;
    entry.failedAt = now;
    entry.retryAt = now + backoff(entry.failures);
    entry.error = error;
    entry.said = false;
    this.#record(request, 'Warning', 'Failed', `Failed to pull image "${request.container.image}": ${error}`);
    this.#record(request, 'Warning', 'Failed', 'Error: ErrImagePull');
  }

  async #retry(entry: Entry, request: ImageRequest, wake: () => void): Promise<ImageOutcome> {
    const now = this.#options.clock.elapsed();
    if (now >= entry.retryAt) return this.#begin(entry, request, wake);
    const problem = imageNameProblem(request.container.image ?? '');
    if (problem !== undefined) return this.#unnamed(entry, request, problem);
    if (request.container.imagePullPolicy === 'Never') return this.#never(entry, request);
    if (now < entry.failedAt + SHOW_ERROR_MS) {
      const waiting = { reason: 'ErrImagePull', message: entry.error };
      return { state: 'failed', waiting, againMs: entry.failedAt + SHOW_ERROR_MS - now };
    }
    return this.#backingOff(entry, request, now);
  }

  #backingOff(entry: Entry, request: ImageRequest, now: number): ImageOutcome {
    const text = `Back-off pulling image "${request.container.image}"`;
    if (!entry.said) {
      this.#record(request, 'Normal', 'BackOff', text);
      this.#record(request, 'Warning', 'Failed', 'Error: ImagePullBackOff');
    }
    entry.said = true;
    const message = `${text}: ErrImagePull: ${entry.error}`;
    return { state: 'failed', waiting: { reason: 'ImagePullBackOff', message }, againMs: entry.retryAt - now };
  }

  #record({ pod, container, list }: ImageRequest, type: Happening['type'], reason: string, message: string): void {
    const about = list === undefined ? {} : { fieldPath: `spec.${list}{${container.name}}` };
    this.#options.recorder.record(pod, { type, reason, message, component: 'kubelet', ...about });
  }
}

/** A puller without memory of earlier lives: after a restart a failing pull is simply tried again. */
export function createImagePulls(options: ImagePullsOptions): ImagePulls {
  return new BackgroundPulls(options);
}
