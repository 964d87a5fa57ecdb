import type { ServicePort, ServiceSpec, Sparse } from '../kinds/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import { invalidValue } from '../machinery/field-path.ts';
import type { RandomBelow } from '../machinery/generate-name.ts';
import { isInPool, type NumberPool, pickFree } from './number-pool.ts';

type Spec = Sparse<ServiceSpec>;
type Port = Sparse<ServicePort>;

/** Node ports and who has them. */
export interface PortContext {
  readonly pool: NumberPool;
  /** Ports of every Service, this one's old ones included. */
  readonly used: ReadonlySet<number>;
  /** Ports that this Service has already. */
  readonly own: ReadonlySet<number>;
  readonly random: RandomBelow;
}

/** The pool is exhausted: a 500 upstream, as no field is at fault. */
export class RangeFullError extends Error {}

/** What came of it: the spec with its ports, or what is wrong. */
export type PortsOutcome =
  | { readonly spec: Spec; readonly taken: ReadonlySet<number> }
  | { readonly errors: readonly FieldError[] };

/** Whether a Service has a port for the health checks of load balancers (`NeedsHealthCheck`). */
export function needsHealthCheckPort(spec: Spec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** All node ports of a Service, the one for health checks included. */
export function nodePortsOf(spec: Spec): readonly number[] {
  const ports = (spec.ports ?? []).map((port) => port.nodePort ?? 0);
  return [...ports, spec.healthCheckNodePort ?? 0].filter((port) => port > 0);
}

function mayAllocate(spec: Spec): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

/** Why a requested port can't be had; undefined when it can. */
function refusalOf(port: number, taken: ReadonlySet<number>, context: PortContext): string | undefined {
  const { pool, used, own } = context;
  if (own.has(port) || taken.has(port)) return undefined;
  if (!isInPool(pool, port)) {
    return `provided port is not in the valid range. The range of valid ports is ${pool.first}-${pool.last}`;
  }
  return used.has(port) ? 'provided port is already allocated' : undefined;
}

function take(taken: Set<number>, { pool, used, random }: PortContext): number {
  const port = pickFree(pool, taken.size === 0 ? used : new Set([...used, ...taken]), random);
  if (port === undefined) throw new RangeFullError('range is full');
  taken.add(port);
  return port;
}

/** Requested ports first, so that nothing that is drawn gets in their way. */
function claimRequested(ports: readonly Port[], taken: Set<number>, context: PortContext): readonly FieldError[] {
  return ports.flatMap(({ nodePort }, position) => {
    if (!nodePort) return [];
    const refusal = refusalOf(nodePort, taken, context);
    if (refusal !== undefined) return [invalidValue(`spec.ports[${position}].nodePort`, nodePort, refusal)];
    taken.add(nodePort);
    return [];
  });
}

/** The same port over TCP and UDP gets one node port. */
function drawMissing(ports: readonly Port[], taken: Set<number>, context: PortContext): readonly Port[] {
  const byPort = new Map(ports.flatMap(({ port = 0, nodePort }) => (nodePort ? [[port, nodePort] as const] : [])));
  const free = (port: Port): number | undefined => {
    const shared = byPort.get(port.port ?? 0);
    const clash = ports.some((other) => other.nodePort === shared && other.protocol === port.protocol);
    return clash ? undefined : shared;
  };
  return ports.map((port) => {
    if (port.nodePort) return port;
    const nodePort = free(port) ?? take(taken, context);
    byPort.set(port.port ?? 0, nodePort);
    return { ...port, nodePort };
  });
}

function claimHealthCheck(spec: Spec, taken: Set<number>, context: PortContext): Spec {
  if (!needsHealthCheckPort(spec)) return spec;
  const wanted = spec.healthCheckNodePort;
  if (!wanted) return { ...spec, healthCheckNodePort: take(taken, context) };
  const refusal = taken.has(wanted) ? 'provided port is already allocated' : refusalOf(wanted, taken, context);
  if (refusal !== undefined) {
    throw new RangeFullError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${refusal}`);
  }
  taken.add(wanted);
  return spec;
}

/** Node ports as a Service's type wants them. Throws RangeFullError. */
export function allocateNodePorts(spec: Spec, context: PortContext): PortsOutcome {
  const taken = new Set<number>();
  const ports = spec.ports ?? [];
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return { spec, taken };
  const errors = claimRequested(ports, taken, context);
  if (errors.length > 0) return { errors: errors.slice(0, 1) };
  const complete = mayAllocate(spec) ? { ...spec, ports: drawMissing(ports, taken, context) } : spec;
  return { spec: claimHealthCheck(complete, taken, context), taken };
}
