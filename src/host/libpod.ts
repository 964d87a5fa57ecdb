import { createLibpodClient, type LibpodClient } from './libpod-client.ts';
import { watchEvents } from './libpod-events.ts';
import {
  type ContainerInspection,
  type ContainerRow,
  containerFactsOfInspection,
  containerFactsOfRow,
  type ImageInspection,
  imageFactsOf,
} from './libpod-facts.ts';
import { createImageFileReader } from './libpod-image-file.ts';
import { pullImage } from './libpod-pull.ts';
import { openAttach, openExec } from './libpod-sessions.ts';
import { type ContainerFacts, type ContainerLimits, type ImageFacts, type Podman, PodmanError } from './podman.ts';

/** Where Podman listens. */
export interface LibpodOptions {
  /** `/run/podman/podman.sock` unless told. */
  readonly socketPath?: string;
  /** Delay before the n-th attempt in a row to follow events again, ms. Unless told 0.1 s doubling to 10 s. */
  readonly backOff?: (attempt: number) => number;
}

const doubling = (attempt: number): number => Math.min(10_000, 100 * 2 ** attempt);

/** Calls for the same key in one turn of the event loop are one: containers of a pod tend to have one image. */
function sharedCalls<T>(call: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const calls = new Map<string, Promise<T>>();
  return (key) => {
    const answer = calls.get(key) ?? call(key);
    if (!calls.has(key)) setImmediate(() => calls.delete(key));
    calls.set(key, answer);
    return answer;
  };
}

/** Podman over its libpod API, on a Unix socket. */
export function createLibpod(options: LibpodOptions = {}): Podman {
  const client = createLibpodClient(options.socketPath ?? '/run/podman/podman.sock');
  const backOff = options.backOff ?? doubling;
  return {
    version: () => version(client),
    networkSubnets: (name) => networkSubnets(client, name),
    listContainers: (labels) => listContainers(client, labels),
    inspectContainer: (nameOrId) => inspectContainer(client, nameOrId),
    inspectImage: sharedCalls((reference) => inspectImage(client, reference)),
    readImageFiles: createImageFileReader(client),
    listImages: () => listImages(client),
    pullImage: (reference, more) => pullImage(client, reference, more),
    deleteImage: (id) => deleteImage(client, id),
    deleteContainer: (id) => unlessRefused(() => client.json({ method: 'DELETE', path: `/containers/${id}` })),
    deletePod: (nameOrId) => deletePod(client, nameOrId),
    layerSize: (nameOrId) => layerSize(client, nameOrId),
    storageRoot: () => storageRoot(client),
    exec: (container, more) => openExec(client, container, more),
    attach: (container, more) => openAttach(client, container, more),
    updateContainer: (nameOrId, limits) => updateContainer(client, nameOrId, limits),
    stopContainer: (nameOrId, timeoutSeconds) => stopContainer(client, nameOrId, timeoutSeconds),
    watch: (listener, { signal }) => watchEvents(client, listener, { signal, backOff }),
  };
}

/** By a header of its ping: to say its version, Podman asks the package manager for those of all that it works with. */
async function version(client: LibpodClient): Promise<string> {
  const answer = await client.stream({ method: 'GET', path: '/_ping' });
  answer.resume();
  return String(answer.headers['libpod-api-version'] ?? '');
}

async function networkSubnets(client: LibpodClient, name: string): Promise<readonly string[] | undefined> {
  const path = `/networks/${encodeURIComponent(name)}/json`;
  const network = await unlessAbsent(() => client.json({ method: 'GET', path }));
  const { subnets } = (network ?? {}) as { readonly subnets?: readonly { readonly subnet: string }[] | null };
  return network === undefined ? undefined : (subnets ?? []).map(({ subnet }) => subnet);
}

async function listContainers(
  client: LibpodClient,
  labels: { readonly [name: string]: string },
): Promise<readonly ContainerFacts[]> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const query = { all: true, filters: JSON.stringify(label.length === 0 ? {} : { label }) };
  const rows = await client.json({ method: 'GET', path: '/containers/json', query });
  return ((rows ?? []) as readonly ContainerRow[]).map(containerFactsOfRow);
}

async function inspectContainer(client: LibpodClient, nameOrId: string): Promise<ContainerFacts | undefined> {
  const path = `/containers/${encodeURIComponent(nameOrId)}/json`;
  const inspection = (await unlessAbsent(() => client.json({ method: 'GET', path }))) as
    | ContainerInspection
    | undefined;
  if (inspection === undefined) return undefined;
  return containerFactsOfInspection(inspection, await podName(client, inspection.Pod ?? ''));
}

async function podName(client: LibpodClient, id: string): Promise<string> {
  if (id === '') return '';
  const pod = await unlessAbsent(() => client.json({ method: 'GET', path: `/pods/${id}/json` }));
  return (pod as { readonly Name: string } | undefined)?.Name ?? '';
}

async function inspectImage(client: LibpodClient, reference: string): Promise<ImageFacts | undefined> {
  const path = `/images/${reference.split('/').map(encodeURIComponent).join('/')}/json`;
  const image = await unlessAbsent(() => client.json({ method: 'GET', path }));
  return image === undefined ? undefined : imageFactsOf(image as ImageInspection);
}

async function listImages(client: LibpodClient): Promise<readonly ImageFacts[]> {
  const images = await client.json({ method: 'GET', path: '/images/json' });
  return ((images ?? []) as readonly ImageInspection[]).map(imageFactsOf);
}

/** By each of its names: podman doesn't remove one by its id that has several. */
async function deleteImage(client: LibpodClient, id: string): Promise<boolean> {
  const image = await inspectImage(client, id);
  if (image === undefined) return false;
  for (const name of image.repoTags.length === 0 ? [id] : image.repoTags) {
    const path = `/images/${name.split('/').map(encodeURIComponent).join('/')}`;
    if (!(await unlessRefused(() => client.json({ method: 'DELETE', path })))) return false;
  }
  return true;
}

async function deletePod(client: LibpodClient, nameOrId: string): Promise<void> {
  const path = `/pods/${encodeURIComponent(nameOrId)}`;
  await unlessAbsent(() => client.json({ method: 'DELETE', path, query: { force: true } }));
}

async function layerSize(client: LibpodClient, nameOrId: string): Promise<number | undefined> {
  const path = `/containers/${encodeURIComponent(nameOrId)}/json`;
  const found = await unlessAbsent(() => client.json({ method: 'GET', path, query: { size: true } }));
  return (found as { readonly SizeRw?: number } | undefined)?.SizeRw;
}

async function storageRoot(client: LibpodClient): Promise<string> {
  const info = await client.json({ method: 'GET', path: '/info' });
  return (info as { readonly store: { readonly graphRoot: string } }).store.graphRoot;
}

/** Podman says 500 of a container that would have to be stopped first. */
function isRefusal({ status, message }: PodmanError): boolean {
  return status === 409 || (status === 500 && message.includes('container state improper'));
}

/** Whether it was done: not when something is in use or gone. */
async function unlessRefused(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof PodmanError && (error.status === 404 || isRefusal(error))) return false;
    throw error;
  }
}

async function updateContainer(client: LibpodClient, nameOrId: string, limits: ContainerLimits): Promise<void> {
  const { cpuShares: shares, cpuQuota: quota, cpuPeriod: period, memoryBytes: limit } = limits;
  const path = `/containers/${encodeURIComponent(nameOrId)}/update`;
  const body = { cpu: { shares, quota, period }, memory: { limit, swap: limit } };
  await client.json({ method: 'POST', path, body });
}

async function stopContainer(client: LibpodClient, nameOrId: string, timeoutSeconds: number): Promise<void> {
  const path = `/containers/${encodeURIComponent(nameOrId)}/stop`;
  await unlessAbsent(() => client.json({ method: 'POST', path, query: { timeout: timeoutSeconds } }));
}

async function unlessAbsent(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof PodmanError && error.status === 404) return undefined;
    throw error;
  }
}
