import type { Node, Pod } from '../kinds/types.ts';
import type { ObjectKey } from '../machinery/object.ts';
import { notFound } from '../machinery/status-error.ts';
import type { ListOptions, Registry } from '../registry/registry.ts';
import type { NodeUsage } from './node-usage.ts';
import { measureNode, measurePods, type NodeMetrics, type PodMetrics } from './resource-metrics.ts';

/** What readings of metrics.k8s.io come from. */
export interface MetricsOptions {
  readonly registry: Registry;
  readonly usage: NodeUsage;
  readonly nodeName: string;
  /** RFC 3339. */
  readonly now: () => string;
}

/** metrics.k8s.io: its two kinds, measured when they are asked for. */
export interface MetricsReadings {
  readonly pods: {
    get(key: ObjectKey): Promise<PodMetrics>;
    /** Of the pods that these selectors choose, as far as something of them runs. */
    list(options: ListOptions): Promise<readonly PodMetrics[]>;
  };
  readonly nodes: {
    get(key: ObjectKey): Promise<NodeMetrics>;
    list(options: ListOptions): Promise<readonly NodeMetrics[]>;
  };
}

const GROUP = 'metrics.k8s.io';

/** Readings of this node and its pods. */
export function createMetricsReadings(options: MetricsOptions): MetricsReadings {
  const { registry, nodeName } = options;
  const ownNodes = (selection: ListOptions): readonly Node[] =>
    listOf<Node>(registry, 'nodes', selection).filter(({ metadata }) => metadata?.name === nodeName);
  const pods = (selection: ListOptions): readonly Pod[] =>
    listOf<Pod>(registry, 'pods', selection).filter(({ spec }) => spec?.nodeName === nodeName);
  return {
    pods: {
      get: async ({ namespace, name }) => {
        const [found] = await measurePods(pods({ namespace, fieldSelector: `metadata.name=${name}` }), options);
        if (found === undefined) throw notFound({ group: GROUP, resource: 'pods', name: `${namespace}/${name}` });
        return found;
      },
      list: (selection) => measurePods(pods(selection), options),
    },
    nodes: {
      get: async ({ name }) => {
        const [node] = ownNodes({ fieldSelector: `metadata.name=${name}` });
        if (node === undefined) throw notFound({ group: GROUP, resource: 'nodes', name });
        return measureNode(node, options);
      },
      list: (selection) => Promise.all(ownNodes(selection).map((node) => measureNode(node, options))),
    },
  };
}

/** Limits and versions are about stored lists: readings come whole, and as of now. */
function listOf<T>(registry: Registry, plural: string, selection: ListOptions): readonly T[] {
  const kind = registry.definition('', plural);
  const { namespace, labelSelector, fieldSelector } = selection;
  const own = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
  return kind === undefined ? [] : registry.list(kind, own).entries.map(({ object }) => object as T);
}
