import type { PodSpec, Sparse } from '../types.ts';
import { applyContainerDefaults } from './container-defaults.ts';
import type { PodSpecDefaultOptions } from './default-options.ts';
import { defined } from './defined.ts';
import { podResourceDefaults } from './pod-resource-defaults.ts';
import { applyVolumeDefaults } from './volume-defaults.ts';

type Spec = Sparse<PodSpec>;

function scalarDefaults(spec: Spec): Spec {
  return {
    restartPolicy: spec.restartPolicy || 'Always',
    dnsPolicy: spec.dnsPolicy || 'ClusterFirst',
    schedulerName: spec.schedulerName || 'default-scheduler',
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
    securityContext: spec.securityContext ?? {},
  };
}

/** `serviceAccount` is the old name of `serviceAccountName`; both are kept equal. */
function serviceAccountNames(spec: Spec): Spec {
  const name = spec.serviceAccountName || spec.serviceAccount;
  return name ? { serviceAccountName: name, serviceAccount: name } : {};
}

/** A host port for every port of a pod that shares the host's network. */
function withHostPorts(spec: Spec): Spec {
  if (spec.hostNetwork !== true) return spec;
  const publish = <C extends NonNullable<Spec['containers']>[number]>(container: C): C =>
    container.ports
      ? {
          ...container,
          ports: container.ports.map((port) => ({ ...port, hostPort: port.hostPort || port.containerPort })),
        }
      : container;
  return {
    ...spec,
    ...defined('containers', spec.containers?.map(publish)),
    ...defined('initContainers', spec.initContainers?.map(publish)),
  };
}

/** `SetDefaults_PodSpec` and those of everything in it. */
export function applyPodSpecDefaults(given: Spec, options: PodSpecDefaultOptions): Spec {
  const spec = options.isPod ? withHostPorts(given) : given;
  const containerDefaults = (container: NonNullable<Spec['containers']>[number]) =>
    applyContainerDefaults(container, options);
  const sized = {
    ...defined('containers', spec.containers?.map(containerDefaults)),
    ...defined('initContainers', spec.initContainers?.map(containerDefaults)),
  };
  return {
    ...spec,
    ...scalarDefaults(spec),
    ...serviceAccountNames(spec),
    ...(options.isPod ? { enableServiceLinks: spec.enableServiceLinks ?? true } : {}),
    ...sized,
    ...(options.isPod ? defined('resources', podResourceDefaults({ ...spec, ...sized })) : {}),
    ...defined('ephemeralContainers', spec.ephemeralContainers?.map(containerDefaults)),
    ...defined('volumes', spec.volumes?.map(applyVolumeDefaults)),
    ...defined(
      'topologySpreadConstraints',
      spec.topologySpreadConstraints?.map((each) => ({
        nodeAffinityPolicy: 'Honor',
        nodeTaintsPolicy: 'Ignore',
        ...each,
      })),
    ),
  };
}
