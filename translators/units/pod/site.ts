import type { Container, Pod, PodSpec } from '../../../src/kinds/types.ts';
import { type ContainerUnitNames, type PodUnitNames, podUnitNames } from '../pod-names.ts';
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
    folder: `${context.paths.state}/pods/${uid}`,
  };
}

/** The containers in start order, init containers first, with their names. */
export function containerPlaces({ spec, names }: PodSite): readonly ContainerPlace[] {
  const init = spec.initContainers ?? [];
  return names.containers.flatMap((unit, index) => {
    const isInit = index < init.length;
    const position = isInit ? index : index - init.length;
    const container = (isInit ? init : spec.containers)[position];
    const path = `spec.${isInit ? 'initContainers' : 'containers'}[${position}]`;
    return container === undefined ? [] : [{ container, names: unit, path }];
  });
}

/** When the container is started again. Init containers of a pod that always restarts only do so on failure. */
export function restartPolicyOf(place: ContainerPlace, { spec }: PodSite): RestartPolicy {
  const policy = (place.container.restartPolicy ?? spec.restartPolicy ?? 'Always') as RestartPolicy;
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
