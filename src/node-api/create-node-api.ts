import type { HostPressure } from '../host/pressure.ts';
import type { UsageReader } from '../host/usage.ts';
import type { Pod } from '../kinds/types.ts';
import type { ObjectKey } from '../machinery/object.ts';
import { notFound, serviceUnavailable } from '../machinery/status-error.ts';
import { formatTime } from '../machinery/time.ts';
import type { Registry } from '../registry/registry.ts';
import { createMetricsReadings, type MetricsReadings } from './metrics-readings.ts';
import { createNodeSite, type NodeSite } from './node-site.ts';
import { createNodeUsage, type NodeUsage } from './node-usage.ts';
import type { PodDisks } from './pod-disks.ts';
import { locatePod, locateService, type ProxyLocation, parseTarget } from './proxy-targets.ts';
import type { UsageMeter } from './usage-meter.ts';

/** What the node answers beside streams: metrics.k8s.io, and what is behind `proxy`. */
export interface NodeApi {
  readonly usage: NodeUsage;
  readonly metrics: MetricsReadings;
  readonly proxies: {
    readonly pods: (key: ObjectKey) => ProxyLocation;
    readonly services: (key: ObjectKey) => ProxyLocation;
    readonly nodes: (key: ObjectKey) => { readonly site: NodeSite };
  };
}

/** What it is joined from. */
export interface NodeApiOptions {
  readonly registry: Registry;
  readonly reader: UsageReader;
  readonly nodeName: string;
  readonly disks: PodDisks;
  readonly readPressure: () => Promise<HostPressure>;
  /** One with the system's clock unless given. */
  readonly meter?: UsageMeter;
}

/** The node's own API; nothing runs unless somebody asks. */
export function createNodeApi({ registry, reader, nodeName, disks, readPressure, meter }: NodeApiOptions): NodeApi {
  const usage = createNodeUsage({ reader, ...(meter ? { meter } : {}) });
  const now = (): string => formatTime(Date.now());
  const pods = (): readonly Pod[] => podsOf(registry, nodeName);
  const site = createNodeSite({ usage, nodeName, pods, now, disks, readPressure });
  return {
    usage,
    metrics: createMetricsReadings({ registry, usage, nodeName, now }),
    proxies: {
      pods: (key) => locatePod(registry, key),
      services: (key) => locateService(registry, key),
      nodes: ({ name }) => ({ site: siteOf(registry, name, { nodeName, site }) }),
    },
  };
}

function siteOf(
  registry: Registry,
  id: string,
  { nodeName, site }: { readonly nodeName: string; readonly site: NodeSite },
): NodeSite {
  const { name } = parseTarget(id, 'node');
  if (name === nodeName) return site;
  const nodes = registry.definition('', 'nodes');
  if (nodes === undefined || registry.find(nodes, { namespace: '', name }) === undefined) {
    throw notFound({ group: '', resource: 'nodes', name });
  }
  throw serviceUnavailable(`error trying to reach service: node ${name} is not this host`);
}

function podsOf(registry: Registry, nodeName: string): readonly Pod[] {
  const kind = registry.definition('', 'pods');
  const { entries } = kind ? registry.list(kind, { fieldSelector: `spec.nodeName=${nodeName}` }) : { entries: [] };
  return entries.map(({ object }) => object as Pod);
}
