import type { PodContext } from '../../translators/units/pod/context.ts';
import { translatePod } from '../../translators/units/pod.ts';
import type { Config } from '../config/schema.ts';
import type { PodTranslator } from '../controllers/pod-units.ts';
import type { Node } from '../kinds/types.ts';
import type { Registry } from '../registry/registry.ts';

/** What the host can do, as far as translations depend on it. */
export interface HostAbilities {
  readonly nodeName: string;
  /** '' when Podman could not be asked. */
  readonly podmanVersion: string;
  /** cgroup v2 controllers that units can be given. */
  readonly cgroupControllers: readonly string[];
}

/** Binds the pure translation of pods to this host: its name and address, its Podman, its folders. */
export function createPodTranslator(config: Config, registry: Registry, host: HostAbilities): PodTranslator {
  const node = () => findNode(registry, host.nodeName);
  return (pod, { configMaps, secrets }) => {
    const context: PodContext = {
      podIP: pod.status?.podIP ?? '',
      nodeIP: node()?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
      nodeName: host.nodeName,
      clusterDomain: config.network.clusterDomain,
      dnsServers: [],
      findConfigMap: (_, name) => configMaps.get(name),
      findSecret: (_, name) => secrets.get(name),
      paths: { state: config.paths.state, runtime: config.paths.runtime },
      podmanVersion: host.podmanVersion,
      hasCgroupControllers: ['cpu', 'memory'].every((name) => host.cgroupControllers.includes(name)),
    };
    return translatePod(pod, context);
  };
}

function findNode(registry: Registry, name: string): Node | undefined {
  const kind = registry.definition('', 'nodes');
  return kind && (registry.find(kind, { namespace: '', name })?.object as Node | undefined);
}
