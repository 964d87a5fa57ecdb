import type { EndpointSlice, Service } from '../../kinds/types.ts';
import type { AdmissionLookup } from '../plugin.ts';
import type { WebhookTarget } from './transport.ts';

/** How a configuration says where a webhook is. */
export interface WebhookClientConfig {
  readonly url?: string;
  readonly caBundle?: string;
  readonly service?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly path?: string;
    readonly port?: number;
  };
}

/** What is looked up on the way to a webhook. */
export interface ResolveServices {
  readonly lookup: Pick<AdmissionLookup, 'get' | 'list'>;
  readonly random: (below: number) => number;
}

type Address = NonNullable<WebhookTarget['address']>;

const HTTPS = 443;

function slicesOf(lookup: ResolveServices['lookup'], namespace: string, name: string): readonly EndpointSlice[] {
  const all = lookup.list('discovery.k8s.io/endpointslices') as readonly EndpointSlice[];
  return all.filter(
    ({ metadata }) => metadata?.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
  );
}

/** Ready addresses behind one port of a Service. */
function endpointsOf(slices: readonly EndpointSlice[], portName: string): readonly Address[] {
  return slices.flatMap(({ ports = [], endpoints = [] }) => {
    const port = ports.find(({ name = '' }) => name === portName)?.port;
    if (port === undefined) return [];
    const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
    return ready.flatMap(({ addresses }) => addresses.map((host) => ({ host, port })));
  });
}

/**
 * Where a connection to a port of a Service goes: a ready pod behind it, or the host that it names. Throws an Error
 * with upstream's sentence.
 */
export function resolveService(
  { lookup, random }: ResolveServices,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number },
): Address {
  const service = lookup.get('/services', { namespace, name }) as Service | undefined;
  if (service === undefined) throw new Error(`service "${name}" not found`);
  const { type, externalName = '', ports = [] } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName, port };
  const found = ports.find((each) => each.port === port);
  if (found === undefined) throw new Error(`no service port ${port} found for service "${name}"`);
  const endpoints = endpointsOf(slicesOf(lookup, namespace, name), found.name ?? '');
  const chosen = endpoints[random(Math.max(endpoints.length, 1))];
  if (chosen === undefined) throw new Error(`no endpoints available for service "${name}"`);
  return chosen;
}

/** Where a webhook is, by its URL or behind its Service. Throws an Error with upstream's sentence. */
export function resolveClient(config: WebhookClientConfig, services: ResolveServices): WebhookTarget {
  const { url, service, caBundle = '' } = config;
  if (url !== undefined) return { url, caBundle };
  if (service === undefined) throw new Error('webhook configuration must have either service or URL');
  const { namespace = '', name = '', port = HTTPS } = service;
  return { url: describeClient(config), caBundle, address: resolveService(services, { namespace, name, port }) };
}

/** The URL under which errors name a webhook. */
export function describeClient({ url, service }: WebhookClientConfig): string {
  if (url !== undefined || service === undefined) return url ?? '';
  const { namespace = '', name = '', path = '', port = HTTPS } = service;
  return `https://${name}.${namespace}.svc:${port}${path === '' ? '' : `/${path.replace(/^\//, '')}`}`;
}
