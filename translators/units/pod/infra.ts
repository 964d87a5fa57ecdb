import type { Setting } from '../../../quadlet/encode-unit.ts';
import { unfinishedConditions } from './completion.ts';
import { deadlineConditions } from './deadline.ts';
import { dnsSettings } from './dns.ts';
import { hostNameOf } from './host-name.ts';
import { hostsSteps } from './hosts-file.ts';
import { ownerSettings, podLabels } from './owner.ts';
import { runSteps } from './run-folder.ts';
import { podSecuritySettings } from './security.ts';
import { inSection, podmanArgs, runtimeArgs } from './settings.ts';
import { shutdownOrder } from './shutdown-order.ts';
import type { PodSite } from './site.ts';
import { shellStep } from './volume-steps.ts';

/** Quadlet file of the network that pods join. */
export const NETWORK_FILE = 'quadshift.network';

/** The `.pod` file: what the containers share. `volumeSteps` prepare the volumes before the pod exists. */
export function planInfra(site: PodSite, volumeSteps: readonly Setting[]): readonly Setting[] {
  const { pod, names } = site;
  return [
    ...inSection('Unit', [
      ['Description', `Pod ${pod.metadata?.namespace}/${pod.metadata?.name}: what its containers share`],
      ['PartOf', names.gate],
      ['StartLimitIntervalSec', '0'],
    ]),
    ...shutdownOrder(site),
    ...unfinishedConditions(site),
    ...deadlineConditions(site),
    ...inSection('Quadlet', [['DefaultDependencies', 'false']]),
    ...inSection('Pod', [
      ['GlobalArgs', runtimeArgs(site)],
      ['PodName', names.podmanPod],
      ['ServiceName', names.podService.replace(/\.service$/, '')],
      ...podLabels(site).map((label) => ['Label', label] as const),
      // The pod outlives its containers: they end, and are started again, one by one.
      ['ExitPolicy', 'continue'],
    ]),
    ...podmanArgs('Pod', [`--infra-name=${names.podmanInfra}`]),
    ...networkSettings(site),
    ...dnsSettings(site),
    ...podSecuritySettings(site),
    ...inSection('Service', [
      ['Slice', site.slice],
      // Else a start that fails is told to the containers, whose wish for the pod starts it again at once, in a tight loop.
      ['RestartMode', 'direct'],
      ['RestartSec', '1'],
      ['RestartSteps', '5'],
      ['RestartMaxDelaySec', '30'],
      ['TimeoutStartSec', '300'],
      // Podman's stops wait for each other when many pods go at once.
      ['TimeoutStopSec', '180'],
    ]),
    unfinishedStep(site),
    ...volumeSteps,
    ...runSteps(site),
    ...hostsSteps(site),
    ...ownerSettings(site),
  ];
}

/**
 * Drop-in of the infra service with its environment: Quadlet replaces what its source says by a PODMAN_SYSTEMD_UNIT of its
 * own. `podman auto-update` restarts the unit that the infra container names, and trusts only that unit's job: it must
 * be the gate.
 */
export function planInfraDropIn(site: PodSite): readonly Setting[] {
  return [
    ...inSection('Service', [['Environment', `PODMAN_SYSTEMD_UNIT=${site.names.gate}`]]),
    ...firewallSettings(site),
    ...ownerSettings(site),
  ];
}

function networkSettings(site: PodSite): readonly Setting[] {
  const { spec, context } = site;
  if (spec.hostNetwork) {
    return [
      ...inSection('Pod', [['Network', 'host']]),
      // Under the kubelet's runtimes the host's name goes with its network.
      ...podmanArgs('Pod', ['--uts=host']),
      ...shareSettings(site),
    ];
  }
  return [
    ...inSection('Pod', [
      ['Network', NETWORK_FILE],
      ['IP', context.podIP],
      ['IP6', context.secondPodIP ?? ''],
      ['HostName', hostNameOf(site)],
      ...publishedPorts(site).map((port) => ['PublishPort', port] as const),
    ]),
    ...podmanArgs('Pod', context.podIP === '' ? [] : [`--mac-address=${hardwareAddress(context.podIP)}`]),
    ...shareSettings(site),
  ];
}

/**
 * A hardware address that goes with the IP address: else whoever talked to the address before, the host first of all,
 * sends to the old one until its neighbour entry ages, half a minute during which a new pod is unreachable.
 */
function hardwareAddress(podIP: string): string {
  const parts = podIP.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['0a', '58', ...parts].join(':');
}

/**
 * `podman pod create` that is stopped half-way leaves a pod without the file that Quadlet's own step would know it by.
 * It has not started: with the file there, this costs a test.
 */
function unfinishedStep({ names }: PodSite): Setting {
  const script = '[ -e "$1" ] || exec /usr/bin/podman pod rm --ignore --force "$2"';
  const idFile = `/run/${names.podService.replace(/\.service$/, '')}.pod-id`;
  return shellStep('ExecStopPost', script, [idFile, names.podmanPod]);
}

/**
 * netavark's rules for a pod are there for the ports that it publishes. What else it would write, and read first, at each start
 * and stop, is in our own table once for all pods, and comes back after a flush.
 */
function firewallSettings(site: PodSite): readonly Setting[] {
  if (site.spec.hostNetwork || publishedPorts(site).length > 0) return [];
  return inSection('Service', [['Environment', 'NETAVARK_FW=none']]);
}

/** The kernel namespaces that the containers share with each other. */
function shareSettings({ spec }: PodSite): readonly Setting[] {
  const shared = ['net', 'uts', ...(spec.hostIPC ? [] : ['ipc']), ...(spec.shareProcessNamespace ? ['pid'] : [])];
  const isDefault = !spec.hostIPC && !spec.shareProcessNamespace;
  return podmanArgs('Pod', isDefault ? [] : [`--share=${shared.join(',')}`]);
}

function publishedPorts({ spec }: PodSite): readonly string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return containers
    .flatMap((container) => container.ports ?? [])
    .flatMap(({ name: _, containerPort, hostPort, hostIP, protocol, ...unhandled }) => {
      unhandled satisfies Record<PropertyKey, never>;
      if (!hostPort) {
        return [];
      }
      const address = hostIP?.includes(':') ? `[${hostIP}]:` : hostIP ? `${hostIP}:` : '';
      return [`${address}${hostPort}:${containerPort}/${(protocol ?? 'TCP').toLowerCase()}`];
    });
}
