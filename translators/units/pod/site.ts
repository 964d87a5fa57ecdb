import type { Container, Pod, PodSpec } from '../../../src/kinds/types.ts';
import { type ContainerUnitNames, type PodUnitNames, podUnitNames } from '../pod-names.ts';
import { podSlice } from '../pod-slice.ts';
import type { PodContext } from './context.ts';
import type { Report } from './report.ts';

/** A pod on its way to the host: what every part of the translation needs. */
export interface PodSite {
  readonly pod: Pod;
  readonly spec: PodSpec;
  readonly names: PodUnitNames;
  readonly context: PodContext;
  readonly report: Report;
  readonly uid: string;
  /** What all of it runs in. */
  readonly slice: string;
  /** Absolute folder of the pod's state, `/var/lib/quadshift/pods/<uid>`. */
  readonly folder: string;
}

/** One container of it. */
export interface ContainerPlace {
  readonly container: Container;
  readonly names: ContainerUnitNames;
  /** `spec.containers[0]` */
  readonly path: string;
}

/** What a pod's restart policy, or a container's own, comes to. */
export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** The pod with its names. */
export function podSite(pod: Pod, context: PodContext, report: Report): PodSite {
  const uid = pod.metadata?.uid ?? '';
  return {
    pod,
    spec: pod.spec ?? { containers: [] },
    names: podUnitNames(pod),
    context,
    report,
    uid,
    slice: podSlice(pod),
    folder: `${context.paths.state}/pods/${uid}`,
  };
}

/** Where a file or folder is on the host: on tmpfs what may not lie readable on disk. */
export function absolute(
  { root, path }: { readonly root: 'state' | 'sealed'; readonly path: string },
  { context }: Pick<PodSite, 'context'>,
): string {
  return `${root === 'sealed' ? context.paths.runtime : context.paths.state}/${path}`;
}

/** The containers that start with the pod, in that order, init containers first, with their names. */
export function containerPlaces({ spec, names }: PodSite): readonly ContainerPlace[] {
  return [...listPlaces('initContainers', spec.initContainers), ...listPlaces('containers', spec.containers)].flatMap(
    (place, index) => {
      const unit = names.containers[index];
      return unit === undefined ? [] : [{ ...place, names: unit }];
    },
  );
}

/** The ephemeral containers: they aren't started with the pod, but one by one. */
export function ephemeralPlaces({ spec, names }: PodSite): readonly ContainerPlace[] {
  const units = names.containers.filter(({ role }) => role === 'ephemeral');
  return (spec.ephemeralContainers ?? []).flatMap(({ targetContainerName: _, ...container }, index) => {
    const unit = units[index];
    return unit === undefined ? [] : [{ container, names: unit, path: `spec.ephemeralContainers[${index}]` }];
  });
}

function listPlaces(field: string, list: readonly Container[] = []): readonly Omit<ContainerPlace, 'names'>[] {
  return list.map((container, index) => ({ container, path: `spec.${field}[${index}]` }));
}

/** When the container is started again. Init containers of a pod that always restarts only do so on failure. */
export function restartPolicyOf(place: ContainerPlace, { spec }: PodSite): RestartPolicy {
  const policy = (place.container.restartPolicy ?? spec.restartPolicy ?? 'Always') as RestartPolicy;
  if (place.names.role === 'ephemeral') return 'Never';
  return place.names.role === 'init' && policy === 'Always' ? 'OnFailure' : policy;
}

/** Seconds that the pod's containers get to end. */
export function gracePeriodOf({ spec }: PodSite): number {
  return spec.terminationGracePeriodSeconds ?? 30;
}

/** Policy of `podman auto-update` for a container: the pod's annotation, or the container's own. */
export function autoUpdateOf(container: string, { pod }: PodSite): string | undefined {
  const annotations = pod.metadata?.annotations ?? {};
  return annotations[`io.containers.autoupdate/${container}`] ?? annotations['io.containers.autoupdate'];
}
