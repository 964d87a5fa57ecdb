import { podUnitNames } from '../../translators/units/pod-names.ts';
import type { ContainerStatus, Pod } from '../kinds/types.ts';
import { badRequest } from '../machinery/status-error.ts';

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/**
 * The container that a request is about: the named one, the pod's only one, or the one that its annotation names.
 * Throws 400 in the API server's words.
 */
export function chooseContainer(pod: Pod, wanted: string | undefined): string {
  const names = (pod.spec?.containers ?? []).map(({ name }) => name);
  const initNames = (pod.spec?.initContainers ?? []).map(({ name }) => name);
  const ephemeralNames = (pod.spec?.ephemeralContainers ?? []).map(({ name }) => name);
  const podName = pod.metadata?.name ?? '';
  if (wanted !== undefined) {
    if ([...names, ...initNames, ...ephemeralNames].includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${podName}`);
  }
  const [only = ''] = names;
  if (names.length === 1) return only;
  const annotated = pod.metadata?.annotations?.[DEFAULT_CONTAINER];
  if (annotated !== undefined && names.includes(annotated)) return annotated;
  const others = (what: string, all: readonly string[]): string =>
    all.length === 0 ? '' : ` or one of the ${what} containers: [${all.join(' ')}]`;
  const more = others('init', initNames) + others('ephemeral', ephemeralNames);
  throw badRequest(`a container name must be specified for pod ${podName}, choose one of: [${names.join(' ')}]${more}`);
}

/** Podman's name of a container of the pod. */
export function podmanNameOf(pod: Pod, container: string): string {
  const names = podUnitNames(pod).containers.find((candidate) => candidate.container === container);
  if (names === undefined) throw badRequest(`container ${container} is not valid for pod ${pod.metadata?.name}`);
  return names.podmanName;
}

/** A container's status, whichever list it is in. */
export function containerStatusOf(pod: Pod, container: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  return all.find(({ name }) => name === container);
}

/** A container id without its runtime: `podman://abc` → `abc`; undefined when there is none. */
export function bareId(containerId: string | undefined): string | undefined {
  const bare = containerId?.replace(/^[a-z0-9-]+:\/\//, '');
  return bare === '' ? undefined : bare;
}
