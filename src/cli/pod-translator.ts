import type { PodContext } from '../../translators/units/pod/context.ts';
import { translatePod } from '../../translators/units/pod.ts';
import type { Config } from '../config/schema.ts';
import type { PodTranslator } from '../controllers/pod-units.ts';
import type { Node, Pod } from '../kinds/types.ts';
import { familyOf } from '../machinery/ip.ts';
import { networkRanges } from './network-ranges.ts';

/** What the host can do, as far as translations depend on it. */
export interface HostAbilities {
  /** '' when Podman could not be asked (yet): then the oldest supported one is assumed. */
  readonly podmanVersion: string;
  /** cgroup v2 controllers that units can be given. */
  readonly cgroupControllers: readonly string[];
  /** Whether processes may be spared when memory runs out. */
  readonly canProtectFromOom: boolean;
}

/** What binds the pure translation of pods to this host. The functions are asked anew for each pod. */
export interface TranslatorOptions {
  readonly config: Config;
  readonly nodeName: string;
  readonly abilities: () => HostAbilities;
  readonly node: () => Node | undefined;
}

function podAddresses({ status }: Pod): Pick<PodContext, 'podIP' | 'secondPodIP'> {
  const second = status?.podIPs?.[1]?.ip;
  return { podIP: status?.podIP ?? '', ...(second ? { secondPodIP: second } : {}) };
}

type Addresses = NonNullable<NonNullable<Node['status']>['addresses']>;

function nodeAddresses(all: Addresses, isDual: boolean): Pick<PodContext, 'nodeIP' | 'secondNodeIP'> {
  const [first = '', ...more] = all.filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
  const second = more.find((address) => familyOf(address) !== familyOf(first));
  return { nodeIP: first, ...(isDual && second ? { secondNodeIP: second } : {}) };
}

/** Translates pods for this host: its name and address, its Podman, its folders. */
export function createPodTranslator({ config, nodeName, abilities, node }: TranslatorOptions): PodTranslator {
  const { gateways } = networkRanges(config);
  return (pod, { configMaps, secrets, images, services, tokens, claimVolumes, ...more }) => {
    const { runtimeHandler, timerRun } = more;
    const { podmanVersion, cgroupControllers, canProtectFromOom } = abilities();
    const { addresses, allocatable } = node()?.status ?? {};
    const context: PodContext = {
      ...podAddresses(pod),
      ...nodeAddresses(addresses ?? [], gateways.length > 1),
      nodeName,
      ...(timerRun ? { timerRun } : {}),
      clusterDomain: config.network.clusterDomain,
      dnsServers: gateways.slice(0, 1),
      findConfigMap: (_, name) => configMaps.get(name),
      findSecret: (_, name) => secrets.get(name),
      findClaimVolume: (_, name) => claimVolumes?.get(name),
      paths: { state: config.paths.state, runtime: config.paths.runtime },
      podmanVersion,
      hasCgroupControllers: ['cpu', 'memory'].every((name) => cgroupControllers.includes(name)),
      canProtectFromOom,
      devices: new Map(Object.entries(config.devices)),
      ...(images ? { images } : {}),
      ...(services ? { services } : {}),
      ...(runtimeHandler === undefined ? {} : { runtimeHandler: runtimeOf(runtimeHandler, config) }),
      findToken: (volume, path) => tokens?.get(`${volume}/${path}`),
      ...(allocatable ? { allocatable: { cpu: allocatable['cpu'] ?? '', memory: allocatable['memory'] ?? '' } } : {}),
    };
    return translatePod(pod, context);
  };
}

/** The OCI runtime behind a handler: what the configuration says, or one that podman knows by that name; else ''. */
function runtimeOf(handler: string, { pods }: Config): string {
  return pods.runtimeHandlers[handler] ?? (KNOWN_RUNTIMES.has(handler) ? handler : '');
}

/** podman's names of the OCI runtimes that it finds by itself (containers.conf(5)). */
const KNOWN_RUNTIMES: ReadonlySet<string> = new Set([
  'crun',
  'crun-vm',
  'crun-wasm',
  'kata',
  'krun',
  'runc',
  'runsc',
  'youki',
]);
