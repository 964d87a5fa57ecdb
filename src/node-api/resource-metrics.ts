import type { Node, Pod } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { formatQuantity, quantityOf } from '../machinery/quantity.ts';
import type { ContainerUsage, NodeUsage } from './node-usage.ts';
import type { Rate } from './usage-meter.ts';

/** Amounts by resource name, as `v1.ResourceList`. */
type Usage = { readonly cpu: string; readonly memory: string };

/** metrics.k8s.io/v1beta1 PodMetrics. */
export interface PodMetrics extends KubernetesObject {
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[];
}

/** metrics.k8s.io/v1beta1 NodeMetrics. */
export interface NodeMetrics extends KubernetesObject {
  readonly timestamp: string;
  readonly window: string;
  readonly usage: Usage;
}

/** Metrics of these pods; those of which nothing runs have none. */
export async function measurePods(
  pods: readonly Pod[],
  { usage, now }: { readonly usage: NodeUsage; readonly now: () => string },
): Promise<readonly PodMetrics[]> {
  const measured = await usage.pods(pods);
  return [...measured].flatMap(([pod, containers]) => {
    const [first] = containers;
    return first === undefined ? [] : [podMetrics(pod, containers, { ...first.rate, timestamp: now() })];
  });
}

/** Metrics of this node. */
export async function measureNode(
  node: Node,
  { usage, now }: { readonly usage: NodeUsage; readonly now: () => string },
): Promise<NodeMetrics> {
  const machine = await usage.machine();
  return {
    ...head(node, 'NodeMetrics', now()),
    timestamp: now(),
    window: windowText(machine.rate),
    usage: usageOf(machine.rate.nanoCores, machine.usage.workingSetBytes),
  };
}

function podMetrics(
  pod: Pod,
  containers: readonly ContainerUsage[],
  at: Rate & { readonly timestamp: string },
): PodMetrics {
  return {
    ...head(pod, 'PodMetrics', at.timestamp),
    timestamp: at.timestamp,
    window: windowText(at),
    containers: containers.map(({ name, usage, rate }) => ({
      name,
      usage: usageOf(rate.nanoCores, usage.workingSetBytes),
    })),
  };
}

function head({ metadata }: KubernetesObject, kind: string, timestamp: string): KubernetesObject {
  const { name, namespace, labels } = metadata ?? {};
  return {
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      creationTimestamp: timestamp,
      ...(labels ? { labels } : {}),
    },
  };
}

/** Processor time in billionths, memory in whole KiB where it is that, as metrics-server writes them. */
function usageOf(nanoCores: number, bytes: number): Usage {
  return {
    cpu: formatQuantity({ nano: BigInt(nanoCores), format: 'DecimalSI' }),
    memory: formatQuantity(quantityOf(Math.ceil(bytes / 1024) * 1024, 'BinarySI')),
  };
}

/** A Go duration, to the millisecond. */
function windowText({ windowMs }: Rate): string {
  return `${Number((windowMs / 1000).toFixed(3))}s`;
}
