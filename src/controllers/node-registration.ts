import type { Node } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { formatQuantity, quantityOf } from '../machinery/quantity.ts';
import { formatTime } from '../machinery/time.ts';
import type { Clock } from './clock.ts';
import type { Controller } from './controller.ts';
import type { HostFacts, HostFactsReader } from './host-facts.ts';
import type { Resources } from './resources.ts';

type Status = NonNullable<Node['status']>;
type Condition = NonNullable<Status['conditions']>[number];
type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Most pods on this node: addresses and units allow more, people rarely do. */
const MAX_PODS = 500;

/** What the controller needs. */
export interface NodeOptions {
  readonly resources: Resources;
  readonly nodeName: string;
  readonly version: string;
  readonly hostFacts: HostFactsReader;
  readonly clock: Clock;
  /** How many there are of each of this host's devices, by resource name. */
  readonly devices?: { readonly [name: string]: number };
}

function labels(nodeName: string, facts: HostFacts): { readonly [key: string]: string } {
  return {
    'beta.kubernetes.io/arch': facts.architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': facts.architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
    'node-role.kubernetes.io/control-plane': '',
  };
}

function kibibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024)}Ki`;
}

function capacity(facts: HostFacts): { readonly [name: string]: string } {
  return {
    cpu: formatQuantity(quantityOf(facts.cpus)),
    memory: kibibytes(facts.memoryBytes),
    'ephemeral-storage': kibibytes(facts.storageBytes),
    pods: `${MAX_PODS}`,
    ...Object.fromEntries((facts.hugepages ?? []).map(hugepages)),
  };
}

function hugepages({ pageBytes, count }: { readonly pageBytes: number; readonly count: number }) {
  const size = formatQuantity(quantityOf(pageBytes, 'BinarySI'));
  return [`hugepages-${size}`, formatQuantity(quantityOf(pageBytes * count, 'BinarySI'))] as const;
}

/** What others say that the node has: extended resources have a domain in their names. */
function extended(list: { readonly [name: string]: string } | undefined): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(list ?? {}).filter(([name]) => name.includes('/')));
}

/** Controllers without which requests and limits are only numbers. */
const NEEDED_CONTROLLERS = ['cpu', 'memory'];

/** Says once, on the Node, what all its pods have to do without. */
function enforcement({ cgroupControllers }: HostFacts): readonly Finding[] {
  if (cgroupControllers === undefined) return [];
  const missing = NEEDED_CONTROLLERS.filter((name) => !cgroupControllers.includes(name));
  const type = 'quadshift.io/LimitsEnforced';
  if (missing.length === 0) {
    return [{ type, status: 'True', reason: 'ControllersPresent', message: 'requests and limits are enforced' }];
  }
  const message = `the host has no cgroup controllers for ${missing.join(' and ')}: requests and limits are not enforced`;
  return [{ type, status: 'False', reason: 'ControllersMissing', message }];
}

function pressure(type: string, present: boolean, [bad, good]: readonly [string, string]): Finding {
  const [reason, word] = present ? [bad, 'has'] : [good, 'has no'];
  const what =
    { MemoryPressure: 'insufficient memory available', DiskPressure: 'disk pressure' }[type] ??
    'insufficient PID available';
  const message =
    type === 'DiskPressure'
      ? `kubelet ${word} ${what}`
      : `kubelet has ${present ? what : what.replace('insufficient', 'sufficient')}`;
  return { type, status: present ? 'True' : 'False', reason, message };
}

function findings(facts: HostFacts): readonly Finding[] {
  return [
    pressure('MemoryPressure', facts.memoryPressure, ['KubeletHasInsufficientMemory', 'KubeletHasSufficientMemory']),
    pressure('DiskPressure', facts.diskPressure, ['KubeletHasDiskPressure', 'KubeletHasNoDiskPressure']),
    pressure('PIDPressure', facts.pidPressure, ['KubeletHasInsufficientPID', 'KubeletHasSufficientPID']),
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
    ...enforcement(facts),
  ];
}

/** Conditions change with their status only: an idle host writes no heartbeats. */
function conditions(old: Status | undefined, facts: HostFacts, now: number): readonly Condition[] {
  return findings(facts).map((finding) => {
    const before = old?.conditions?.find((c) => c.type === finding.type);
    if (before?.status === finding.status) return { ...before, ...finding };
    const time = formatTime(now);
    return { ...finding, lastHeartbeatTime: time, lastTransitionTime: time };
  });
}

/** The Node's status as the host is now. Pure. */
export function nodeStatus(
  facts: HostFacts,
  {
    old,
    nodeName,
    version,
    now,
    devices = {},
  }: { old: Status | undefined; nodeName: string; version: string; now: number; devices?: NodeOptions['devices'] },
): Status {
  const counted = Object.entries(devices).map(([name, count]) => [name, String(count)]);
  const total = { ...capacity(facts), ...Object.fromEntries(counted) };
  return {
    ...old,
    addresses: [
      ...facts.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: nodeName },
    ],
    capacity: { ...extended(old?.capacity), ...total },
    allocatable: { ...extended(old?.capacity), ...total },
    conditions: conditions(old, facts, now),
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
    nodeInfo: {
      architecture: facts.architecture,
      bootID: facts.bootId,
      containerRuntimeVersion: `podman://${facts.podmanVersion}`,
      kernelVersion: facts.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: version,
      machineID: facts.machineId,
      operatingSystem: 'linux',
      osImage: facts.osImage,
      systemUUID: facts.systemUuid,
    },
  };
}

async function register({ resources, nodeName }: NodeOptions, facts: HostFacts): Promise<Node> {
  const wanted = labels(nodeName, facts);
  const stored = resources.nodes.find('', nodeName);
  if (stored === undefined) {
    return resources.nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, labels: wanted } });
  }
  const merged = { ...stored.metadata?.labels, ...wanted };
  if (semanticEqual(merged, stored.metadata?.labels)) return stored;
  const change = (now: Node): Node => ({
    ...now,
    metadata: { ...now.metadata, labels: { ...now.metadata?.labels, ...wanted } },
  });
  return (await resources.nodes.modify(stored, change)) ?? stored;
}

/** Keeps this host's Node: made when absent, its status as the host is. No Lease, no heartbeats: nothing else watches. */
export function nodeRegistration(options: NodeOptions): Controller {
  const { resources, nodeName, version, hostFacts, clock, devices } = options;
  return {
    name: 'node-registration',
    inputs: [{ resource: '/nodes', keys: () => [nodeName] }],
    outputs: [{ what: '/nodes', mode: 'exclusive' }],
    extraKeys: async () => [nodeName],
    hints: (enqueue, signal) => hostFacts.watch?.(() => enqueue(nodeName), { signal }),
    reconcile: async () => {
      const facts = await hostFacts.read();
      const node = await register(options, facts);
      const status = nodeStatus(facts, { old: node.status, nodeName, version, now: clock.now(), devices });
      const changed = !semanticEqual(status, node.status);
      if (changed) await resources.nodes.modify(node, (now) => ({ ...now, status }), 'status');
      return undefined;
    },
  };
}
