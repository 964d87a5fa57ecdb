import type { Pod } from '../kinds/types.ts';
import { exposeResources } from './exposition.ts';
import { type SummaryOptions, summarize } from './summary.ts';

/** A page of the node's own site. */
export interface Page {
  readonly contentType: string;
  readonly body: string;
}

/** The kubelet's HTTP site, for whoever comes through `nodes/proxy`: undefined where it has no such page. */
export type NodeSite = (path: string) => Promise<Page | undefined>;

const TEXT = 'text/plain; charset=utf-8';
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';

/** Pages that are read when somebody asks for them. */
export function createNodeSite(options: SummaryOptions): NodeSite {
  const resources = async (): Promise<Page> => ({
    contentType: METRICS,
    body: await exposeResources(options.usage, options.pods()),
  });
  const none: Page = { contentType: METRICS, body: '' };
  const pages: { readonly [path: string]: () => Promise<Page> } = {
    '/healthz': async () => ({ contentType: TEXT, body: 'ok' }),
    '/healthz/ping': async () => ({ contentType: TEXT, body: 'ok' }),
    '/pods': async () => json(podList(options.pods())),
    '/runningpods': async () => json(podList(options.pods().filter(({ status }) => status?.phase === 'Running'))),
    '/stats/summary': async () => json(await summarize(options)),
    '/metrics': resources,
    '/metrics/resource': resources,
    '/metrics/cadvisor': resources,
    '/metrics/probes': async () => none,
  };
  return async (path) => {
    const name = path.replace(/\/+$/, '');
    return Object.hasOwn(pages, name) ? pages[name]?.() : undefined;
  };
}

function podList(items: readonly Pod[]): object {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}

function json(value: object): Page {
  return { contentType: 'application/json', body: JSON.stringify(value) };
}
