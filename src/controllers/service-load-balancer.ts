import type { Listener } from '../host/listeners.ts';
import type { Node, Service } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { familyOf, parseIp } from '../machinery/ip.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import type { EventRecorder, Happening } from './events.ts';
import { byAge, isDeleting, objectKey, uidOf } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';
import { familiesOf } from './service-pods.ts';

type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>;

/** Holds a Service until its load balancer is taken down. */
const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';

/** The class that stands for this host; a Service that names none means it, too. */
const LOAD_BALANCER_CLASS = 'quadshift.io/host';

/** Whether the host is to be this Service's load balancer. Pure. */
function wantsHost({ spec }: Service): boolean {
  return spec?.type === 'LoadBalancer' && (spec.loadBalancerClass ?? LOAD_BALANCER_CLASS) === LOAD_BALANCER_CLASS;
}

/** Another's business: a class of another's, whether it is served or not. */
function isForeign({ spec }: Service): boolean {
  return spec?.type === 'LoadBalancer' && !wantsHost({ spec });
}

function portsOf({ spec }: Service): readonly string[] {
  return (spec?.ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`);
}

/** Ports of a Service that an older one has on the host's addresses already: it waits until they are free. Pure. */
export function takenPorts(service: Service, all: readonly Service[], reserved: readonly string[]): readonly string[] {
  const older = all.filter((each) => wantsHost(each) && !isDeleting(each) && objectKey(each) !== objectKey(service));
  const taken = new Set([...reserved, ...older.filter((each) => byAge(each, service) < 0).flatMap(portsOf)]);
  return portsOf(service).filter((port) => taken.has(port));
}

/** Ports of a Service that others on the host listen at, at one of these addresses or at all of them. Pure. */
export function heardPorts(service: Service, ingress: Ingress, listeners: readonly Listener[]): readonly string[] {
  const ours = new Set(ingress.map(({ ip = '' }) => parseIp(ip)?.value));
  const there = listeners.filter(({ address }) => {
    const value = parseIp(address)?.value;
    return value === 0n || ours.has(value);
  });
  const heard = new Set(there.map(({ port, protocol }) => `${port}/${protocol}`));
  return portsOf(service).filter((port) => heard.has(port));
}

/** The host's addresses that a Service can be reached at: those of its families, the node's first ones first. Pure. */
export function hostIngress(service: Service, node: Node | undefined): Ingress {
  const families = familiesOf(service);
  const own = (node?.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
  const fitting = families.flatMap((family) => own.filter((address) => familyOf(address) === family));
  return fitting.map((ip) => ({ ip, ipMode: 'VIP' }));
}

/** What the controller is joined from. */
export interface LoadBalancerOptions {
  readonly registry: Registry;
  readonly recorder: EventRecorder;
  readonly nodeName: string;
  /** Ports of the host that no Service may take, e.g. `6443/TCP`, the API's own. */
  readonly reservedPorts: readonly string[];
  /** Who listens on this host. */
  readonly listeners: () => Promise<readonly Listener[]>;
}

interface Parts extends Pick<LoadBalancerOptions, 'reservedPorts' | 'listeners' | 'recorder'> {
  readonly services: Resource<Service>;
  /** Ports that a Service, by its uid, has got: whoever listens there later comes too late. */
  readonly granted: Map<string, readonly string[]>;
}

/** How soon a port that somebody on the host listens at is looked at again. */
const LOOK_AGAIN_MS = 10_000;

async function setStatus({ services }: Parts, service: Service, ingress: Ingress): Promise<boolean> {
  if (semanticEqual(service.status?.loadBalancer?.ingress ?? [], ingress)) return false;
  const loadBalancer = ingress.length > 0 ? { ingress } : {};
  await services.modify(service, (now) => ({ ...now, status: { ...now.status, loadBalancer } }), 'status');
  return true;
}

async function setFinalizer({ services }: Parts, service: Service, wanted: boolean): Promise<void> {
  const has = service.metadata?.finalizers?.includes(FINALIZER) ?? false;
  if (has === wanted) return;
  await services.modify(service, (now) => {
    const others = (now.metadata?.finalizers ?? []).filter((each) => each !== FINALIZER);
    const finalizers = wanted ? [...others, FINALIZER] : others;
    return { ...now, metadata: { ...now.metadata, finalizers } as Service['metadata'] };
  });
}

function say(recorder: EventRecorder, service: Service, reason: string, message: string): void {
  const type: Happening['type'] = reason === 'SyncLoadBalancerFailed' ? 'Warning' : 'Normal';
  recorder.record(service, { type, reason, message, component: 'service-controller' });
}

/** Takes the host's addresses away from a Service that is going or has become something else. */
async function release(parts: Parts, service: Service): Promise<void> {
  if (!service.metadata?.finalizers?.includes(FINALIZER)) return;
  say(parts.recorder, service, 'DeletingLoadBalancer', 'Deleting load balancer');
  await setStatus(parts, service, []);
  await setFinalizer(parts, service, false);
  say(parts.recorder, service, 'DeletedLoadBalancer', 'Deleted load balancer');
}

/** Ports that a Service can't have now: those of older Services, and new ones that others on the host listen at. */
async function missingPorts(parts: Parts, service: Service, ingress: Ingress): Promise<readonly string[]> {
  const taken = takenPorts(service, parts.services.list(), parts.reservedPorts);
  // What it had when we were not there, it has.
  const hadAll = (service.status?.loadBalancer?.ingress ?? []).length > 0 ? portsOf(service) : [];
  const had = new Set(parts.granted.get(uidOf(service)) ?? hadAll);
  if (portsOf(service).every((port) => had.has(port))) return taken;
  const heard = heardPorts(service, ingress, await parts.listeners()).filter((port) => !had.has(port));
  return [...new Set([...taken, ...heard])];
}

/** Gives a Service the host's addresses, or says which of its ports are in use; tells whether it got them. */
async function ensure(parts: Parts, service: Service, node: Node | undefined): Promise<boolean> {
  await setFinalizer(parts, service, true);
  const ingress = hostIngress(service, node);
  const missing = await missingPorts(parts, service, ingress);
  if (missing.length > 0) {
    parts.granted.delete(uidOf(service));
    const why = `Error syncing load balancer: failed to ensure load balancer: ports are in use: ${missing.join(', ')}`;
    if (await setStatus(parts, service, []))
      say(parts.recorder, service, 'DeletingLoadBalancer', 'Deleting load balancer');
    say(parts.recorder, service, 'SyncLoadBalancerFailed', why);
    return false;
  }
  parts.granted.set(uidOf(service), portsOf(service));
  if (await setStatus(parts, service, ingress)) {
    say(parts.recorder, service, 'EnsuredLoadBalancer', 'Ensured load balancer');
  }
  return true;
}

/**
 * The host as the load balancer of Services that want one: their status names the node's addresses, as long as those
 * are the node's. A Service with a class of another's is left alone.
 */
export function serviceLoadBalancerController(options: LoadBalancerOptions): Controller {
  const { registry, recorder, nodeName, reservedPorts, listeners } = options;
  const granted: Parts['granted'] = new Map();
  const services: Resource<Service> = resourceOf(registry, kindOf(registry, '/services'));
  const nodes: Resource<Node> = resourceOf(registry, kindOf(registry, '/nodes'));
  const balanced = (): readonly string[] => services.list().filter(wantsHost).map(objectKey);
  return {
    name: 'service-load-balancer',
    inputs: [
      {
        resource: '/services',
        // One that leaves may free another's port.
        keys: ({ entry, previous }) => [
          objectKey(entry.object),
          ...([entry, previous].some((each) => each && wantsHost(each.object as Service)) ? balanced() : []),
        ],
      },
      { resource: '/nodes', keys: balanced },
    ],
    outputs: [{ what: '/services#status.loadBalancer', mode: 'exclusive' }],
    reconcile: async (key) => {
      const slash = key.indexOf('/');
      const service = services.find(key.slice(0, slash), key.slice(slash + 1));
      if (service === undefined || isForeign(service)) return undefined;
      const parts = { services, recorder, reservedPorts, listeners, granted };
      if (!isDeleting(service) && wantsHost(service)) {
        return (await ensure(parts, service, nodes.find('', nodeName))) ? undefined : { afterMs: LOOK_AGAIN_MS };
      }
      granted.delete(uidOf(service));
      await release(parts, service);
      return undefined;
    },
  };
}
