import type { ImageAccounts } from '../../../translators/units/pod/image-accounts.ts';
import type { ImageFacts } from '../../host/podman.ts';
import type { Pod, Service } from '../../kinds/types.ts';
import { namespaceOf } from '../meta.ts';
import { type Agent, allContainers } from './agent.ts';
import { dependsOnAccounts, dependsOnImages, podReferences, type ReferencedObjects } from './references.ts';

function pick<T>(names: readonly string[], find: (name: string) => T | undefined): ReadonlyMap<string, T> {
  const found = names.map((name) => [name, find(name)] as const);
  return new Map(found.filter((pair): pair is readonly [string, T] => pair[1] !== undefined));
}

/**
 * The Services that the pod's containers are told of, as the kubelet does it: those of now. That one of them changes
 * is no reason to look at the pod; what is written then holds from a container's next start on.
 */
function gatherServices({ spec, metadata }: Pod, { resources }: Pick<Agent, 'resources'>): readonly Service[] {
  const api = resources.services.find('default', 'kubernetes');
  const own = spec?.enableServiceLinks === false ? [] : resources.services.list(metadata?.namespace ?? '');
  return api === undefined || own.includes(api) ? own : [...own, api];
}

function runtimeOf({ spec }: Pod, { resources }: Pick<Agent, 'resources'>): Pick<ReferencedObjects, 'runtimeHandler'> {
  const name = spec?.runtimeClassName;
  return name ? { runtimeHandler: resources.runtimeClasses.find('', name)?.handler ?? '' } : {};
}

/** What the pod refers to, as far as it is there. */
export function gatherObjects(pod: Pod, agent: Pick<Agent, 'resources'>): ReferencedObjects {
  const { resources } = agent;
  const namespace = namespaceOf(pod);
  const references = podReferences(pod);
  const names = (kind: 'ConfigMap' | 'Secret'): readonly string[] =>
    references.filter((r) => r.kind === kind).map((r) => r.name);
  const pullSecrets = (pod.spec?.imagePullSecrets ?? []).map((s) => s.name ?? '');
  return {
    configMaps: pick(names('ConfigMap'), (name) => resources.configMaps.find(namespace, name)),
    secrets: pick([...names('Secret'), ...pullSecrets], (name) => resources.secrets.find(namespace, name)),
    services: gatherServices(pod, agent),
    ...runtimeOf(pod, agent),
  };
}

/** The objects with the images, where these matter. */
export async function withImages(
  pod: Pod,
  objects: ReferencedObjects,
  { podman }: Pick<Agent, 'podman'>,
): Promise<ReferencedObjects> {
  if (!dependsOnImages(pod)) return objects;
  const references = [...new Set(allContainers(pod).map(({ container }) => container.image ?? ''))];
  const found = await Promise.all(references.map(async (image) => [image, await podman.inspectImage(image)] as const));
  const present = found.filter((pair): pair is [string, ImageFacts] => pair[1] !== undefined);
  if (!dependsOnAccounts(pod)) return { ...objects, images: new Map(present) };
  const known = present.map(async ([name, image]) => [name, await withAccounts(image, podman)] as const);
  return { ...objects, images: new Map(await Promise.all(known)) };
}

async function withAccounts(
  image: ImageFacts,
  podman: Agent['podman'],
): Promise<ImageFacts & { readonly accounts: ImageAccounts }> {
  const [passwd = '', group = ''] = await podman.readImageFiles(image.id, ['/etc/passwd', '/etc/group']);
  return { ...image, accounts: { passwd, group } };
}
