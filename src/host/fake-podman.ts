import { createHash } from 'node:crypto';
import { type FakeProcess, runFakeProcess } from './fake-process.ts';
import { type ContainerFacts, type ImageFacts, type Podman, PodmanError, type PodmanEvent } from './podman.ts';

/** Podman in memory, with strings to pull. */
export interface FakePodman extends Podman {
  /** Adds a running container, or changes one that is there. Tells watchers `start`, or `died` with state `exited`. */
  setContainer(facts: Partial<ContainerFacts> & { readonly name: string }): ContainerFacts;
  /** Takes a container away. Tells watchers `died` if it ran, and `remove`. */
  removeContainer(name: string): void;
  /** Puts an image into local storage. */
  addImage(reference: string, facts?: Partial<ImageFacts>): ImageFacts;
  /** Gives an image a file. */
  addImageFile(id: string, path: string, text: string): void;
  removeImage(reference: string): void;
  /** What a later pull of `reference` comes to; without this, `manifest unknown`. */
  onPull(reference: string, outcome: { readonly error: string } | { readonly image: Partial<ImageFacts> }): void;
  /** What runs in `exec` and `attach` (there `command` is empty). Unless told, everything succeeds silently. */
  onExec(process: FakeProcess): void;
  /** The event stream was interrupted. */
  reconnect(): void;
  /** What was asked for that changes something: `pull …`, `stop …`, `exec …`. */
  readonly calls: readonly string[];
}

/** Podman without a container or an image. `now` is in ms since the epoch. */
export function createFakePodman(options: { readonly now?: () => number } = {}): FakePodman {
  const now = options.now ?? Date.now;
  const containers = new Map<string, ContainerFacts>();
  const images = new Map<string, ImageFacts>();
  const imageFiles = new Map<string, string>();
  const pulls = new Map<string, { readonly error: string } | { readonly image: Partial<ImageFacts> }>();
  const listeners = new Set<(event: PodmanEvent) => void>();
  const calls: string[] = [];
  let process: FakeProcess = async () => 0;

  const emit = (event: PodmanEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const tell = (action: string, { id, name, labels }: ContainerFacts): void =>
    emit({ type: 'container', action, id, name, attributes: { ...labels, name } });

  const find = (nameOrId: string): ContainerFacts | undefined =>
    containers.get(nameOrId) ?? [...containers.values()].find((container) => container.id === nameOrId);
  const running = (nameOrId: string): ContainerFacts => {
    const container = find(nameOrId);
    if (container === undefined) throw noSuchContainer(nameOrId);
    if (container.state !== 'running') throw new PodmanError(`container ${container.name} is not running`, 409);
    return container;
  };

  const setContainer: FakePodman['setContainer'] = (facts) => {
    const before = containers.get(facts.name);
    const container = { ...(before ?? newContainer(facts.name, now())), ...facts };
    containers.set(facts.name, container);
    if (container.state === 'running' && container.startedAt !== before?.startedAt) tell('start', container);
    if (container.state === 'exited' && before?.state === 'running') tell('died', container);
    return container;
  };
  const removeContainer = (name: string): void => {
    const container = containers.get(name);
    if (container === undefined) return;
    containers.delete(name);
    if (container.state === 'running') tell('died', container);
    tell('remove', container);
  };
  const addImage: FakePodman['addImage'] = (reference, facts = {}) => {
    const image = { ...newImage(reference), ...facts };
    images.set(reference, image);
    emit({ type: 'image', action: 'pull', id: image.id, name: reference, attributes: { name: reference } });
    return image;
  };

  return {
    calls,
    setContainer,
    removeContainer,
    addImage,
    addImageFile: (id, path, text) => void imageFiles.set(`${id} ${path}`, text),
    removeImage: (reference) => void images.delete(reference),
    onPull: (reference, outcome) => void pulls.set(reference, outcome),
    onExec: (wanted) => {
      process = wanted;
    },
    reconnect: () => emit({ type: 'other', action: 'reconnect', id: '', name: '', attributes: {} }),
    version: async () => '5.4.2',
    networkSubnets: async (name) => (name === 'podman' ? ['10.88.0.0/16'] : undefined),
    listContainers: async (labels) => [...containers.values()].filter((container) => carries(container, labels)),
    inspectContainer: async (nameOrId) => {
      const found = find(nameOrId);
      return found && { runtime: 'crun', ...found };
    },
    inspectImage: async (reference) => images.get(reference),
    readImageFiles: async (id, paths) => paths.map((path) => imageFiles.get(`${id} ${path}`) ?? ''),
    listImages: async () => [...images.values()],
    pullImage: async (reference, { signal } = {}) => {
      signal?.throwIfAborted();
      calls.push(`pull ${reference}`);
      const outcome = pulls.get(reference) ?? { error: `reading manifest of ${reference}: manifest unknown` };
      if ('error' in outcome) throw new PodmanError(outcome.error, 500);
      return addImage(reference, outcome.image).id;
    },
    deleteImage: async (id) => {
      const names = [...images].filter(([, image]) => image.id === id).map(([name]) => name);
      if (names.length === 0 || [...containers.values()].some(({ imageId }) => imageId === id)) return false;
      calls.push(`rmi ${names.join(' ')}`);
      for (const name of names) images.delete(name);
      return true;
    },
    deleteContainer: async (id) => {
      const found = find(id);
      if (found === undefined || found.state === 'running') return false;
      calls.push(`rm ${found.name}`);
      removeContainer(found.name);
      return true;
    },
    deletePod: async (nameOrId) => {
      calls.push(`pod rm ${nameOrId}`);
      for (const { name, pod } of [...containers.values()]) if (pod === nameOrId) removeContainer(name);
    },
    layerSize: async (nameOrId) => (find(nameOrId) === undefined ? undefined : 0),
    storageRoot: async () => '/var/lib/containers/storage',
    exec: async (container, { command, tty }) => {
      calls.push(`exec ${running(container).name} ${command.join(' ')}`);
      return runFakeProcess(process, { command, tty });
    },
    attach: async (container, { tty }) => {
      calls.push(`attach ${running(container).name}`);
      return runFakeProcess(process, { command: [], tty });
    },
    updateContainer: async (nameOrId, limits) => {
      calls.push(`update ${running(nameOrId).name} ${Object.values(limits).join(' ')}`);
    },
    stopContainer: async (nameOrId, timeoutSeconds) => {
      calls.push(`stop ${nameOrId} ${timeoutSeconds}`);
      const container = find(nameOrId);
      if (container?.state === 'running')
        setContainer({ name: container.name, state: 'exited', pid: 0, exitCode: 143, exitedAt: now() });
    },
    watch: async (listener, { signal }) => {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
  };
}

function carries(container: ContainerFacts, labels: { readonly [name: string]: string }): boolean {
  return Object.entries(labels).every(([name, value]) => container.labels[name] === value);
}

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function newContainer(name: string, now: number): ContainerFacts {
  const pid = 1_000 + (Number.parseInt(idOf(name).slice(0, 4), 16) % 30_000);
  const image = { image: 'localhost/fake:1', imageId: idOf('localhost/fake:1') };
  const times = { startedAt: Math.floor(now / 1_000) * 1_000, exitedAt: 0, exitCode: 0 };
  return { id: idOf(name), name, pod: '', isInfra: false, ...image, state: 'running', pid, ...times, labels: {} };
}

function newImage(reference: string): ImageFacts {
  const id = idOf(reference);
  const repository = reference.replace(/[:@][^/]*$/, '');
  const names = { repoDigests: [`${repository}@sha256:${id}`], repoTags: [reference] };
  return { id, ...names, user: '', entrypoint: [], cmd: [], sizeBytes: 1_000_000 };
}

const noSuchContainer = (name: string): PodmanError =>
  new PodmanError(`no container with name or ID "${name}" found: no such container`, 404);
