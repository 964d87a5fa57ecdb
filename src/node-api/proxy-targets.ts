import type { EndpointSlice, Pod, Service } from '../kinds/types.ts';
import type { ObjectKey } from '../machinery/object.ts';
import { badRequest, serviceUnavailable } from '../machinery/status-error.ts';
import type { Registry } from '../registry/registry.ts';

/** Where a request through a `proxy` subresource goes on to. */
export interface ProxyLocation {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

/** The parts of `[scheme:]name[:port]`. */
interface Target {
  readonly scheme: ProxyLocation['scheme'];
  readonly name: string;
  readonly port: string;
}

/** `SplitSchemeNamePort`; throws 400 for what is none. */
export function parseTarget(id: string, what: 'pod' | 'service' | 'node'): Target {
  const parts = id.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme)) {
    throw badRequest(`invalid ${what} request ${JSON.stringify(id)}`);
  }
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port };
}

/** A pod's own address, at the port that was asked for, or at its first one. Throws in upstream's words. */
export function locatePod(registry: Registry, key: ObjectKey): ProxyLocation {
  const { scheme, name, port } = parseTarget(key.name, 'pod');
  const pod = objectOf<Pod>(registry, ['', 'pods'], { ...key, name });
  const host = pod.status?.podIP ?? '';
  if (!isGlobalUnicast(host)) throw badRequest('address not allowed');
  const first = pod.spec?.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  return { scheme, host, port: numberOf(port) ?? first ?? (scheme === 'https' ? 443 : 80) };
}

/** One of a Service's ready endpoints, at the port of that number or name. Throws in upstream's words. */
export function locateService(registry: Registry, key: ObjectKey): ProxyLocation {
  const { scheme, name, port } = parseTarget(key.name, 'service');
  const service = objectOf<Service>(registry, ['', 'services'], { ...key, name });
  const portName = servicePortName(service, port);
  const found = slicesOf(registry, { ...key, name }).flatMap(({ endpoints = [], ports = [] }) => {
    const number = (ports ?? []).find((one) => (one.name ?? '') === portName)?.port;
    const hosts = endpoints.filter(({ conditions }) => conditions?.ready !== false).flatMap((one) => one.addresses);
    return number === undefined ? [] : hosts.map((host) => ({ scheme, host, port: number }));
  });
  const chosen = found[Math.floor(Math.random() * found.length)];
  if (chosen === undefined) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(key.name)}`);
  return chosen;
}

/** A number stands for the port of that number, anything else is a name; upstream's slices know names only. */
function servicePortName({ spec, metadata }: Service, port: string): string {
  const number = numberOf(port);
  if (number === undefined) return port;
  const found = spec?.ports?.find((one) => one.port === number);
  if (found !== undefined) return found.name ?? '';
  throw serviceUnavailable(`no service port ${number} found for service ${JSON.stringify(metadata?.name)}`);
}

function slicesOf(registry: Registry, { namespace, name }: ObjectKey): readonly EndpointSlice[] {
  const kind = registry.definition('discovery.k8s.io', 'endpointslices');
  if (kind === undefined) return [];
  const labelSelector = `kubernetes.io/service-name=${name}`;
  return registry.list(kind, { namespace, labelSelector }).entries.map(({ object }) => object as EndpointSlice);
}

function objectOf<T>(registry: Registry, [group, plural]: readonly [string, string], key: ObjectKey): T {
  const kind = registry.definition(group, plural);
  if (kind === undefined) throw new Error(`the catalogue has no ${plural}`);
  return registry.get(kind, key).object as T;
}

function numberOf(port: string): number | undefined {
  return /^\d+$/.test(port) ? Number(port) : undefined;
}

/** Nothing that leads back to this host, or to everybody. */
function isGlobalUnicast(address: string): boolean {
  return address !== '' && !/^(?:0\.|127\.|169\.254\.|2(?:2[4-9]|[345]\d)\.|::1?$|fe[89ab]|ff)/i.test(address);
}
