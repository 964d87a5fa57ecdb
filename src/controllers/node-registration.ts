import type { ImageFacts, Podman } from '../host/podman.ts';
import type { Node } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { formatQuantity, quantityOf } from '../machinery/quantity.ts';
import { formatTime } from '../machinery/time.ts';
import type { Clock } from './clock.ts';
import type { Controller } from './controller.ts';
import type { EventRecorder } from './events.ts';
import type { PressureBoard } from './eviction/boards.ts';
import type { PressureCondition } from './eviction/signals.ts';
import type { HostFacts, HostFactsReader } from './host-facts.ts';
import { nodeImages, watchImages } from './images/node-images.ts';
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
  readonly podman: Podman;
  readonly recorder: EventRecorder;
  /** What the machine is short of. */
  readonly pressure: PressureBoard;
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

function findings(facts: HostFacts, short: ReadonlySet<PressureCondition>): readonly Finding[] {
  const of = (type: PressureCondition, reasons: readonly [string, string]) => pressure(type, short.has(type), reasons);
  return [
    of('MemoryPressure', ['KubeletHasInsufficientMemory', 'KubeletHasSufficientMemory']),
    of('DiskPressure', ['KubeletHasDiskPressure', 'KubeletHasNoDiskPressure']),
    of('PIDPressure', ['KubeletHasInsufficientPID', 'KubeletHasSufficientPID']),
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
    ...enforcement(facts),
  ];
}

/** Conditions change with their status only: an idle host writes no heartbeats. */
function conditions(old: Status | undefined, found: readonly Finding[], now: number): readonly Condition[] {
  return found.map((finding) => {
    const before = old?.conditions?.find((c) => c.type === finding.type);
    if (before?.status === finding.status) return { ...before, ...finding };
    const time = formatTime(now);
    return { ...finding, lastHeartbeatTime: time, lastTransitionTime: time };
  });
}

/** The kubelet's events about conditions that are new or have changed: `NodeHasDiskPressure`. Pure. */
export function conditionEvents(before: Status | undefined, after: Status): readonly string[] {
  return (after.conditions ?? []).flatMap(({ type, status, reason = '' }) => {
    const known = before?.conditions?.find((one) => one.type === type)?.status === status;
    if (known || !reason.startsWith('Kubelet')) return [];
    return [type === 'Ready' ? 'NodeReady' : reason.replace('Kubelet', 'Node')];
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
    short = new Set(),
    images = [],
  }: {
    old: Status | undefined;
    nodeName: string;
    version: string;
    now: number;
    devices?: NodeOptions['devices'];
    short?: ReadonlySet<PressureCondition>;
    images?: readonly ImageFacts[];
  },
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
    conditions: conditions(old, findings(facts, short), now),
    images: nodeImages(images),
    features: { supplementalGroupsPolicy: true },
    runtimeHandlers: [{ name: '', features: { recursiveReadOnlyMounts: true, userNamespaces: true } }],
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
  const { resources, nodeName, version, hostFacts, clock, devices, pressure: board, recorder, podman } = options;
  return {
    name: 'node-registration',
    inputs: [{ resource: '/nodes', keys: () => [nodeName] }],
    outputs: [
      { what: '/nodes', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    extraKeys: async () => [nodeName],
    hints: (enqueue, signal) => {
      hostFacts.watch?.(() => enqueue(nodeName), { signal });
      const unsubscribe = board.subscribe(() => enqueue(nodeName));
      watchImages(options, () => enqueue(nodeName), signal);
      signal.addEventListener('abort', unsubscribe, { once: true });
    },
    reconcile: async () => {
      const facts = await hostFacts.read();
      const node = await register(options, facts);
      const images = await podman.listImages().catch(() => []);
      const known = {
        images,
        old: node.status,
        nodeName,
        version,
        now: clock.now(),
        devices,
        short: board.conditions(),
      };
      const status = nodeStatus(facts, known);
      if (semanticEqual(status, node.status)) return undefined;
      await resources.nodes.modify(node, (now) => ({ ...now, status }), 'status');
      for (const reason of conditionEvents(node.status, status)) {
        const message = `Node ${nodeName} status is now: ${reason}`;
        recorder.record(node, { type: 'Normal', reason, message, component: 'kubelet' });
      }
      return undefined;
    },
  };
}
