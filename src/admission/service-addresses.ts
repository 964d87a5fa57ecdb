import type { Draft, Service, ServiceSpec, Sparse } from '../kinds/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import { invalidValue } from '../machinery/field-path.ts';
import type { RandomBelow } from '../machinery/generate-name.ts';
import { formatIp, type IpFamily, parseIp } from '../machinery/ip.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { internalError, invalid, type StatusError } from '../machinery/status-error.ts';
import { type AddressRange, createAddressRange, drawAddress, whyNotFree } from './address-range.ts';
import { createNumberPool, type NumberPool } from './number-pool.ts';
import { type AdmissionLookup, type AdmissionPlugin, type AdmissionRequest, isAbout } from './plugin.ts';
import { initFamilies, isHeadless } from './service-families.ts';
import { allocateNodePorts, nodePortsOf, RangeFullError } from './service-node-ports.ts';

type Spec = Sparse<ServiceSpec>;

/** Which addresses and ports Services get. */
export interface ServiceAddressOptions {
  /** Ranges of ClusterIPs: one, or one of each family; the first is for Services that don't say. */
  readonly serviceCidrs: readonly string[];
  /** Range of node ports, inclusive. */
  readonly nodePorts: { readonly first: number; readonly last: number };
  readonly random: RandomBelow;
}

/** Addresses with a fixed owner, by their place in the first range. */
export const RESERVED_ADDRESSES: { readonly [offset: number]: string } = {
  1: 'default/kubernetes',
  10: 'kube-system/kube-dns',
};

/** What a write that isn't stored yet has been given. Addresses as `formatIp` writes them. */
interface Claim {
  readonly addresses: ReadonlySet<string>;
  readonly ports: ReadonlySet<number>;
}

interface Allocator {
  readonly options: ServiceAddressOptions;
  readonly ranges: readonly AddressRange[];
  readonly ports: NumberPool;
  readonly inFlight: Set<Claim>;
}

function createAllocator(options: ServiceAddressOptions): Allocator {
  const ranges = options.serviceCidrs.map((cidr, i) => createAddressRange(cidr, i === 0 ? RESERVED_ADDRESSES : {}));
  const ports = createNumberPool(options.nodePorts, { share: 32, most: 128 });
  return { options, ranges, ports, inFlight: new Set() };
}

function addressesOf(spec: Spec): readonly string[] {
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).flatMap((ip) => {
    const parsed = parseIp(ip);
    return parsed ? [formatIp(parsed)] : [];
  });
}

/** Everything that is taken: by stored Services and by those on their way there. */
function takenNow(allocator: Allocator, lookup: AdmissionLookup): Claim {
  const addresses = new Set<string>();
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
  | { readonly spec: Spec; readonly taken: ReadonlySet<string> }
  | { readonly errors: readonly FieldError[] };

/** Addresses that a Service has already and may keep. */
function keptBy({ old }: Request): ReadonlySet<string> {
  return new Set(old === undefined || old.type === 'ExternalName' ? [] : addressesOf(old));
}

/** One address of a family: the wanted one, or any. `why` says that it can't be had. */
function addressOf(
  { ranges, options }: Allocator,
  request: Request,
  { family, wanted }: { readonly family: string; readonly wanted: string },
): { readonly ip: string; readonly isNew: boolean } | { readonly why: string } {
  const kept = keptBy(request);
  if (addressesOf({ clusterIP: wanted }).some((ip) => kept.has(ip))) return { ip: wanted, isNew: false };
  const range = ranges.find((each) => each.family === family);
  if (range === undefined) return { why: `${family} is not configured on this cluster` };
  const { addresses } = request.taken();
  if (wanted !== '') {
    const why = whyNotFree(range, wanted, { name: request.name, taken: addresses });
    return why === undefined ? { ip: wanted, isNew: true } : { why: `failed to allocate IP ${wanted}: ${why}` };
  }
  const ip = drawAddress(range, addresses, options.random);
  if (ip === undefined) throw new RangeFullError('failed to allocate a serviceIP: range is full');
  return { ip, isNew: true };
}

/** An address of each of the Service's families where the type wants them; those that it has already stay. */
function allocateAddresses(allocator: Allocator, request: Request): Outcome {
  const { spec } = request;
  if (spec.type === 'ExternalName' || isHeadless(spec)) return { spec, taken: new Set() };
  const { ipFamilies = [], clusterIPs = [] } = spec;
  const found = ipFamilies.map((family, i) => addressOf(allocator, request, { family, wanted: clusterIPs[i] ?? '' }));
  const refusal = found.find((each) => 'why' in each);
  if (refusal) return { errors: [invalidValue('spec.clusterIPs', clusterIPs, refusal.why)] };
  const given = found.filter((each) => 'ip' in each);
  const ips = given.map(({ ip }) => ip);
  const taken = given.filter(({ isNew }) => isNew).flatMap(({ ip }) => addressesOf({ clusterIP: ip }));
  return { spec: { ...spec, clusterIP: ips[0] ?? '', clusterIPs: ips }, taken: new Set(taken) };
}

/** `clusterIPs` follows `clusterIP` where only the latter was given (`normalizeClusterIPs`). */
function normalized(spec: Spec): Spec {
  return spec.clusterIP && !spec.clusterIPs?.length ? { ...spec, clusterIPs: [spec.clusterIP] } : spec;
}

function familiesOf({ ranges }: Allocator): readonly IpFamily[] {
  return ranges.map(({ family }) => family);
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
  const families = normal.type === 'ExternalName' ? normal : initFamilies(normal, request.old, familiesOf(allocator));
  if (isErrors(families)) return { errors: families };
  const addressed = allocateAddresses(allocator, { ...request, spec: families });
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
