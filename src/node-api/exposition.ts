import type { Pod } from '../kinds/types.ts';
import { type ContainerUsage, containerStatusesOf, type NodeUsage } from './node-usage.ts';

/** One metric in Prometheus' text format. */
interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly (readonly [labels: string, value: number])[];
}

/** The kubelet's `/metrics/resource`: usage of the node, of pods, and of containers. */
export async function exposeResources(usage: NodeUsage, pods: readonly Pod[]): Promise<string> {
  const [{ usage: machine }, measured] = await Promise.all([usage.machine(), usage.pods(pods)]);
  const running = [...measured].filter(([, containers]) => containers.length > 0);
  const containers = running.flatMap(([pod, each]) => each.map((container) => [pod, container] as const));
  const ofContainers = (value: (container: ContainerUsage) => number): Metric['samples'] =>
    containers.map(([pod, container]) => [`{container="${container.name}",${labels(pod)}}`, value(container)]);
  const ofPods = (value: (container: ContainerUsage) => number): Metric['samples'] =>
    running.map(([pod, each]) => [`{${labels(pod)}}`, each.reduce((total, container) => total + value(container), 0)]);
  const cpu = (one: ContainerUsage): number => one.usage.cpuNanoseconds / 1e9;
  const memory = (one: ContainerUsage): number => one.usage.workingSetBytes;
  const metrics: readonly Metric[] = [
    counter('container_cpu_usage_seconds_total', 'Processor time that the container has used.', ofContainers(cpu)),
    gauge('container_memory_working_set_bytes', "The container's working set.", ofContainers(memory)),
    gauge('container_start_time_seconds', 'When the container started, since 1970.', startTimes(containers)),
    counter('node_cpu_usage_seconds_total', 'Processor time that the node has used.', [
      ['', machine.cpuNanoseconds / 1e9],
    ]),
    gauge('node_memory_working_set_bytes', "The node's working set.", [['', machine.workingSetBytes]]),
    counter('pod_cpu_usage_seconds_total', 'Processor time that the pod has used.', ofPods(cpu)),
    gauge('pod_memory_working_set_bytes', "The pod's working set.", ofPods(memory)),
    gauge('resource_scrape_error', '1 if something could not be read.', [['', 0]]),
  ];
  return metrics.map(render).join('');
}

function counter(name: string, help: string, samples: Metric['samples']): Metric {
  return { name, type: 'counter', help, samples };
}

function gauge(name: string, help: string, samples: Metric['samples']): Metric {
  return { name, type: 'gauge', help, samples };
}

function startTimes(containers: readonly (readonly [Pod, ContainerUsage])[]): Metric['samples'] {
  return containers.flatMap(([pod, { name }]) => {
    const startedAt = containerStatusesOf(pod).find((one) => one.name === name)?.state?.running?.startedAt;
    const time = Date.parse(String(startedAt ?? ''));
    return Number.isNaN(time) ? [] : [[`{container="${name}",${labels(pod)}}`, time / 1000] as const];
  });
}

function labels({ metadata }: Pod): string {
  return `namespace="${metadata?.namespace}",pod="${metadata?.name}"`;
}

function render({ name, type, help, samples }: Metric): string {
  const lines = samples.map(([labelled, value]) => `${name}${labelled} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
