import type { Container, Pod } from '../../src/kinds/types.ts';
import { fnv1a64 } from '../../src/machinery/fnv.ts';

/** Unit names of one pod, with their suffixes. */
export interface PodUnitNames {
  /** Stem shared by all, `qs-shop_web-5d9c-x2x7p`; at most 160 characters, hashed when cut. */
  readonly stem: string;
  /** Source file of the infra unit, `<stem>.pod`. */
  readonly podFile: string;
  /** The infra unit's service, `<stem>__pod.service`. */
  readonly podService: string;
  /** The gate, `<stem>.service`. */
  readonly gate: string;
  /** What ends the pod when its time is over, `<stem>__deadline.service`. */
  readonly deadline: string;
  /** Podman's name of the pod. */
  readonly podmanPod: string;
  /** Podman's name of the infra container. */
  readonly podmanInfra: string;
  /** Per container (init ones first, in start order; ephemeral ones last): file, service, and podman's container name. */
  readonly containers: readonly ContainerUnitNames[];
}

/** Names of one container of a pod. */
export interface ContainerUnitNames {
  readonly container: string;
  readonly role: 'init' | 'sidecar' | 'app' | 'ephemeral';
  readonly file: string;
  readonly service: string;
  readonly podmanName: string;
}

/** Leaves room for `_init_`, a container's 63 characters and a suffix in a file name of 255. */
const STEM_LIMIT = 160;

/**
 * Names of everything that the pod becomes on the host: a pure function of namespace, name and containers.
 *
 * Kubernetes names never contain `_`, so it is what joins the parts: `qs-<namespace>_<pod>` is the gate,
 * `…_<container>`, `…_init_<container>` and `…_debug_<container>` the containers, `…__pod`, `…__infra` and `…__deadline` the rest. Two different
 * objects can't get one name, whatever they are called (`web`'s container `a` and the pod `web-a`, say).
 */
export function podUnitNames(pod: Pod): PodUnitNames {
  const stem = podStem(pod.metadata?.namespace ?? '', pod.metadata?.name ?? '');
  const spec = pod.spec;
  return {
    stem,
    podFile: `${stem}.pod`,
    podService: `${stem}__pod.service`,
    gate: `${stem}.service`,
    deadline: `${stem}__deadline.service`,
    podmanPod: stem,
    podmanInfra: `${stem}__infra`,
    containers: [
      ...(spec?.initContainers ?? []).map((container) => containerNames(stem, container, initRole(container))),
      ...(spec?.containers ?? []).map((container) => containerNames(stem, container, 'app')),
      ...(spec?.ephemeralContainers ?? []).map((container) => containerNames(stem, container, 'ephemeral')),
    ],
  };
}

/** An init container that restarts always is a sidecar: it runs beside the app containers. */
function initRole(container: Container): 'init' | 'sidecar' {
  return container.restartPolicy === 'Always' ? 'sidecar' : 'init';
}

const INFIX = { app: '_', init: '_init_', sidecar: '_init_', ephemeral: '_debug_' } as const;

function containerNames(
  stem: string,
  container: { readonly name: string },
  role: ContainerUnitNames['role'],
): ContainerUnitNames {
  const base = `${stem}${INFIX[role]}${container.name}`;
  return {
    container: container.name,
    role,
    file: `${base}.container`,
    service: `${base}.service`,
    podmanName: base,
  };
}

function podStem(namespace: string, name: string): string {
  const full = `qs-${namespace}_${name}`.replace(/[^a-zA-Z0-9_.-]/g, '-');
  if (full.length <= STEM_LIMIT) {
    return full;
  }
  const suffix = `__${fnv1a64(`${namespace}/${name}`)}`;
  return full.slice(0, STEM_LIMIT - suffix.length) + suffix;
}
