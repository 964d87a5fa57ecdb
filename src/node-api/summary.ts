import type { HostPressure } from '../host/pressure.ts';
import type { GroupUsage, InterfaceUsage } from '../host/usage.ts';
import type { Pod } from '../kinds/types.ts';
import { containerDisks, nodeDisks, podDisks } from './disk-stats.ts';
import { type ContainerUsage, containerStatusesOf, type NodeUsage } from './node-usage.ts';
import type { PodDisks } from './pod-disks.ts';
import type { Rate } from './usage-meter.ts';

/** What a summary is made of. */
export interface SummaryOptions {
  readonly usage: NodeUsage;
  readonly nodeName: string;
  /** Pods of this node. */
  readonly pods: () => readonly Pod[];
  /** RFC 3339. */
  readonly now: () => string;
  readonly disks: PodDisks;
  readonly readPressure: () => Promise<HostPressure>;
}

/** The kubelet's `/stats/summary` (stats/v1alpha1), as far as a host without cAdvisor knows it. */
export async function summarize(options: SummaryOptions): Promise<object> {
  const { usage, nodeName, pods, now, readPressure } = options;
  const [machine, measured, interfaces, pressure] = await Promise.all([
    usage.machine(),
    usage.pods(pods()),
    usage.interfaces('self'),
    readPressure(),
  ]);
  const time = now();
  const stats = [...measured].filter(([, containers]) => containers.length > 0);
  return {
    node: {
      nodeName,
      startTime: time,
      cpu: cpuStats(machine.usage.cpuNanoseconds, machine.rate, time),
      memory: { time, availableBytes: machine.usage.availableBytes, ...memoryStats(machine.usage) },
      network: networkStats(interfaces, time),
      ...nodeDisks(pressure, time),
    },
    pods: await Promise.all(
      stats.map(([pod, containers]) => podStats(pod, containers, { ...options, pressure, time })),
    ),
  };
}

async function podStats(
  pod: Pod,
  containers: readonly ContainerUsage[],
  { usage, disks, pressure, time }: SummaryOptions & { readonly pressure: HostPressure; readonly time: string },
): Promise<object> {
  const { name, namespace, uid } = pod.metadata ?? {};
  const disk = { layers: await disks.containers(pod), volumes: await disks.volumes(pod), pressure, time };
  const [pid] = containers.flatMap((container) => container.usage.processes);
  const sum = (value: (container: ContainerUsage) => number): number =>
    containers.reduce((total, container) => total + value(container), 0);
  const isOwnNetwork = pod.spec?.hostNetwork !== true && pid !== undefined;
  return {
    podRef: { name, namespace, uid },
    startTime: pod.status?.startTime ?? time,
    containers: containers.map((container) => ({
      ...containerStats(pod, container, time),
      ...containerDisks(container.name, disk),
    })),
    cpu: {
      time,
      usageNanoCores: sum(({ rate }) => rate.nanoCores),
      usageCoreNanoSeconds: sum((container) => container.usage.cpuNanoseconds),
    },
    memory: {
      time,
      usageBytes: sum((container) => container.usage.usageBytes),
      workingSetBytes: sum((container) => container.usage.workingSetBytes),
      rssBytes: sum((container) => container.usage.rssBytes),
      pageFaults: sum((container) => container.usage.pageFaults),
      majorPageFaults: sum((container) => container.usage.majorPageFaults),
    },
    ...(isOwnNetwork ? { network: networkStats(await usage.interfaces(pid), time) } : {}),
    process_stats: { process_count: sum((container) => container.usage.processes.length) },
    swap: { time, swapUsageBytes: sum((container) => container.usage.swapBytes) },
    ...podDisks(disk),
  };
}

function containerStats(pod: Pod, { name, usage, rate }: ContainerUsage, time: string): object {
  const status = containerStatusesOf(pod).find((one) => one.name === name);
  return {
    name,
    startTime: status?.state?.running?.startedAt ?? time,
    cpu: cpuStats(usage.cpuNanoseconds, rate, time),
    memory: { time, ...memoryStats(usage) },
    swap: { time, swapUsageBytes: usage.swapBytes },
  };
}

function cpuStats(usageCoreNanoSeconds: number, { nanoCores }: Rate, time: string): object {
  return { time, usageNanoCores: nanoCores, usageCoreNanoSeconds };
}

type Memory = Pick<GroupUsage, 'usageBytes' | 'workingSetBytes' | 'rssBytes' | 'pageFaults' | 'majorPageFaults'>;

function memoryStats({ usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults }: Memory): object {
  return { usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults };
}

/** The first interface stands for the whole, as the kubelet has it. */
function networkStats(interfaces: readonly InterfaceUsage[], time: string): object {
  return { time, ...interfaces[0], interfaces };
}
