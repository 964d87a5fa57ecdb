import type { Draft, Service, ServiceSpec, Sparse } from '../kinds/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import { invalidValue } from '../machinery/field-path.ts';
import type { RandomBelow } from '../machinery/generate-name.ts';
import { formatIpv4, parseIpv4, parseIpv4Cidr } from '../machinery/ipv4.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { internalError, invalid, type StatusError } from '../machinery/status-error.ts';
import { createNumberPool, isInPool, type NumberPool, pickFree } from './number-pool.ts';
import { type AdmissionLookup, type AdmissionPlugin, type AdmissionRequest, isAbout } from './plugin.ts';
import { initFamilies, isHeadless } from './service-families.ts';
import { allocateNodePorts, nodePortsOf, RangeFullError } from './service-node-ports.ts';

type Spec = Sparse<ServiceSpec>;

/** Which addresses and ports Services get. */
export interface ServiceAddressOptions {
  /** IPv4 range of ClusterIPs. */
  readonly serviceCidr: string;
  /** Range of node ports, inclusive. */
  readonly nodePorts: { readonly first: number; readonly last: number };
  readonly random: RandomBelow;
}

/** Addresses with a fixed owner, by their place in the range. */
export const RESERVED_ADDRESSES: { readonly [offset: number]: string } = {
  1: 'default/kubernetes',
  10: 'kube-system/kube-dns',
};

/** What a write that isn't stored yet has been given. */
interface Claim {
  readonly addresses: ReadonlySet<number>;
  readonly ports: ReadonlySet<number>;
}

interface Allocator {
  readonly options: ServiceAddressOptions;
  readonly addresses: NumberPool;
  readonly ports: NumberPool;
  /** Owner by reserved address. */
  readonly reserved: ReadonlyMap<number, string>;
  readonly inFlight: Set<Claim>;
}

function createAllocator(options: ServiceAddressOptions): Allocator {
  const range = parseIpv4Cidr(options.serviceCidr);
  if (range === undefined) throw new Error(`the range of Services, ${options.serviceCidr}, is not an IPv4 CIDR`);
  const usable = { first: range.first + 1, last: range.last - 1 };
  const owners = Object.entries(RESERVED_ADDRESSES);
  return {
    options,
    addresses: createNumberPool(usable, { share: 16, most: 256 }),
    ports: createNumberPool(options.nodePorts, { share: 32, most: 128 }),
    reserved: new Map(owners.map(([offset, owner]) => [range.first + Number(offset), owner])),
    inFlight: new Set(),
  };
}

function addressesOf(spec: Spec): readonly number[] {
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).flatMap((ip) => parseIpv4(ip) ?? []);
}

/** Everything that is taken: by stored Services and by those on their way there. */
function takenNow(allocator: Allocator, lookup: AdmissionLookup): Claim {
  const addresses = new Set<number>();
  const ports = new Set<number>();
  for (const { spec } of lookup.list('/services') as readonly Draft<Service>[]) {
    for (const address of addressesOf(spec ?? {})) addresses.add(address);
    for (const port of nodePortsOf(spec ?? {})) ports.add(port);
  }
  for (const claim of allocator.inFlight) {
    for (const address of claim.addresses) addresses.add(address);
    for (const port of claim.ports) ports.add(port);
  }
  return { addresses, ports };
}

interface Request {
  readonly spec: Spec;
  readonly old: Spec | undefined;
  /** `namespace/name`. */
  readonly name: string;
  /** Computed only when something has to be allocated. */
  readonly taken: () => Claim;
}

type Outcome =
  | { readonly spec: Spec; readonly taken: ReadonlySet<number> }
  | { readonly errors: readonly FieldError[] };

function refusalOf(allocator: Allocator, ip: string, { name, taken }: Request): string | undefined {
  const { addresses, reserved, options } = allocator;
  const value = parseIpv4(ip);
  if (value === undefined || !isInPool(addresses, value)) {
    return `provided IP is not in the valid range. The range of valid IPs is ${options.serviceCidr}`;
  }
  const others = reserved.get(value) ?? name;
  return others !== name || taken().addresses.has(value) ? 'provided IP is already allocated' : undefined;
}

function draw(allocator: Allocator, request: Request): number {
  const used = new Set([...request.taken().addresses, ...allocator.reserved.keys()]);
  const value = pickFree(allocator.addresses, used, allocator.options.random);
  if (value === undefined) throw new RangeFullError('failed to allocate a serviceIP: range is full');
  return value;
}

function withAddress(spec: Spec, ip: string): Spec {
  return { ...spec, clusterIP: ip, clusterIPs: [ip] };
}

/** An address where the type wants one and none was given before. */
function allocateAddress(allocator: Allocator, request: Request): Outcome {
  const { spec, old } = request;
  const keeps = old !== undefined && old.type !== 'ExternalName' && (old.clusterIP ?? '') !== '';
  if (spec.type === 'ExternalName' || isHeadless(spec) || keeps) return { spec, taken: new Set() };
  const wanted = spec.clusterIP ?? '';
  if (wanted === '') {
    const value = draw(allocator, request);
    return { spec: withAddress(spec, formatIpv4(value)), taken: new Set([value]) };
  }
  const refusal = refusalOf(allocator, wanted, request);
  if (refusal !== undefined) {
    const detail = `failed to allocate IP ${wanted}: ${refusal}`;
    return { errors: [invalidValue('spec.clusterIPs', spec.clusterIPs ?? [wanted], detail)] };
  }
  return { spec: withAddress(spec, wanted), taken: new Set([parseIpv4(wanted) ?? 0]) };
}

/** `clusterIPs` follows `clusterIP` where only the latter was given (`normalizeClusterIPs`). */
function normalized(spec: Spec): Spec {
  return spec.clusterIP && !spec.clusterIPs?.length ? { ...spec, clusterIPs: [spec.clusterIP] } : spec;
}

function isErrors(outcome: Spec | readonly FieldError[]): outcome is readonly FieldError[] {
  return Array.isArray(outcome);
}

/** Everything that a Service's type entitles it to, and what of it is new. */
function allocate(
  allocator: Allocator,
  request: Request,
): { readonly spec: Spec; readonly claim: Claim } | { readonly errors: readonly FieldError[] } {
  const normal = normalized(request.spec);
  const families = normal.type === 'ExternalName' ? normal : initFamilies(normal, request.old);
  if (isErrors(families)) return { errors: families };
  const addressed = allocateAddress(allocator, { ...request, spec: families });
  if ('errors' in addressed) return addressed;
  const own = new Set(nodePortsOf(request.old ?? {}));
  const needed = families.type === 'NodePort' || families.type === 'LoadBalancer';
  const used = needed ? request.taken().ports : own;
  const { ports: pool, options } = allocator;
  const ported = allocateNodePorts(addressed.spec, { pool, used, own, random: options.random });
  if ('errors' in ported) return ported;
  return { spec: ported.spec, claim: { addresses: addressed.taken, ports: ported.taken } };
}

/** Holds a claim until its write is stored, and so found by the next look, or given up. */
function hold(allocator: Allocator, claim: Claim, { onSettled }: AdmissionRequest): void {
  if (onSettled === undefined || claim.addresses.size + claim.ports.size === 0) return;
  allocator.inFlight.add(claim);
  onSettled(() => allocator.inFlight.delete(claim));
}

function once<T>(compute: () => T): () => T {
  let value: { readonly is: T } | undefined;
  return () => {
    value ??= { is: compute() };
    return value.is;
  };
}

function mutate(
  allocator: Allocator,
  request: AdmissionRequest,
  lookup: AdmissionLookup,
): KubernetesObject | StatusError {
  const service = request.object as Draft<Service>;
  const { namespace, name } = request.key;
  const outcome = allocate(allocator, {
    spec: service.spec ?? {},
    old: (request.old as Draft<Service> | undefined)?.spec,
    name: `${namespace}/${name}`,
    taken: once(() => takenNow(allocator, lookup)),
  });
  if ('errors' in outcome) return invalid({ group: '', resource: 'Service', name }, outcome.errors);
  hold(allocator, outcome.claim, request);
  return { ...service, spec: outcome.spec } as KubernetesObject;
}

/**
 * Gives Services their ClusterIP, IP families and node ports, as upstream's allocators do. What is taken is read from
 * the stored Services; only writes on their way to the store are remembered, so nothing has to be repaired after a crash.
 */
export function createServiceAddresses(options: ServiceAddressOptions): AdmissionPlugin {
  const allocator = createAllocator(options);
  return {
    name: 'ServiceAddresses',
    mutate: (request, lookup) => {
      if (request.operation === 'DELETE' || !isAbout(request, '/services')) return request.object;
      try {
        return mutate(allocator, request, lookup);
      } catch (error) {
        if (error instanceof RangeFullError) return internalError(error.message);
        throw error;
      }
    },
  };
}
