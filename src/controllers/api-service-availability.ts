import type { ApiService, EndpointSlice, Service } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { formatTime } from '../machinery/time.ts';
import type { Registry } from '../registry/registry.ts';
import type { Clock } from './clock.ts';
import type { Controller } from './controller.ts';
import { slicesOf } from './indexes.ts';
import { nameOf, namespaceOf } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';

const APISERVICES = 'apiregistration.k8s.io/apiservices';
const SERVICE_NAME = 'kubernetes.io/service-name';
const HTTPS = 443;
/** How often a server that can't be used is looked at, and how often one that can. */
const RETRY_MS = 2000;
const LOOK_AGAIN_MS = 30_000;

type Verdict = { readonly available: boolean; readonly reason: string; readonly message: string };

/** What the controller needs. */
export interface AvailabilityOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  /** Asks the server behind an APIService. */
  readonly check: (
    service: ApiService,
  ) => Promise<{ readonly available: boolean; readonly reason?: string; readonly message: string }>;
}

interface Keeper extends AvailabilityOptions {
  readonly apiServices: Resource<ApiService>;
  readonly services: Resource<Service>;
  readonly slices: Resource<EndpointSlice>;
}

function unavailable(reason: string, message: string): Verdict {
  return { available: false, reason, message };
}

/** What can be told without asking the server; undefined where it has to be asked. */
function locally(apiService: ApiService, { services, slices }: Keeper): Verdict | undefined {
  const { namespace = '', name = '', port = HTTPS } = apiService.spec?.service ?? {};
  const which = `service/${name} in "${namespace}"`;
  const service = services.find(namespace, name);
  if (service === undefined) return unavailable('ServiceNotFound', `${which} is not present`);
  if (service.spec?.type === 'ExternalName') return undefined;
  const found = service.spec?.ports?.find((each) => each.port === port);
  if (found === undefined) return unavailable('ServicePortError', `${which} is not listening on port ${port}`);
  const own = slicesOf(`${namespace}/${name}`, slices);
  if (own.length === 0) return unavailable('EndpointsNotFound', `cannot find endpointslices for ${which}`);
  const portName = found.name ?? '';
  const ready = own.some(
    ({ ports = [], endpoints = [] }) =>
      ports.some((each) => (each.name ?? '') === portName) &&
      endpoints.some(({ conditions }) => conditions?.ready !== false),
  );
  const missing = `endpoints for ${which} have no addresses with port name "${portName}"`;
  return ready ? undefined : unavailable('MissingEndpoints', missing);
}

async function judge(apiService: ApiService, keeper: Keeper): Promise<Verdict> {
  const known = locally(apiService, keeper);
  if (known !== undefined) return known;
  const { available, reason = 'Passed', message } = await keeper.check(apiService);
  return { available, reason, message };
}

function withVerdict(
  apiService: ApiService,
  { available, reason, message }: Verdict,
  now: string,
): ApiService | undefined {
  const conditions = apiService.status?.conditions ?? [];
  const status = available ? 'True' : 'False';
  const before = conditions.find(({ type }) => type === 'Available');
  if (before?.status === status && before.reason === reason && before.message === message) return undefined;
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  const condition = { type: 'Available', status, lastTransitionTime, reason, message };
  const position = before === undefined ? conditions.length : conditions.indexOf(before);
  return { ...apiService, status: { ...apiService.status, conditions: conditions.toSpliced(position, 1, condition) } };
}

async function reconcile(name: string, keeper: Keeper) {
  const { apiServices, clock } = keeper;
  const apiService = apiServices.find('', name);
  if (apiService?.spec?.service === undefined) return undefined;
  const verdict = await judge(apiService, keeper);
  await apiServices.modify(apiService, (now) => withVerdict(now, verdict, formatTime(clock.now())), 'status');
  return { afterMs: verdict.available ? LOOK_AGAIN_MS : RETRY_MS };
}

/** Keeps the condition `Available` of APIServices that other servers serve. */
export function apiServiceAvailability(options: AvailabilityOptions): Controller {
  const of = <T extends KubernetesObject>(resource: string): Resource<T> =>
    resourceOf<T>(options.registry, kindOf(options.registry, resource));
  const apiServices = of<ApiService>(APISERVICES);
  const keeper = {
    ...options,
    apiServices,
    services: of<Service>('/services'),
    slices: of<EndpointSlice>('discovery.k8s.io/endpointslices'),
  };
  const behind = (namespace: string, name: string): readonly string[] =>
    apiServices
      .list()
      .filter(({ spec }) => spec?.service?.namespace === namespace && spec.service.name === name)
      .map(nameOf);
  return {
    name: 'api-service-availability',
    inputs: [
      {
        resource: APISERVICES,
        keys: ({ entry, type }) =>
          type !== 'DELETED' && (entry.object as ApiService).spec?.service ? [nameOf(entry.object)] : [],
      },
      { resource: '/services', keys: ({ entry }) => behind(namespaceOf(entry.object), nameOf(entry.object)) },
      {
        resource: 'discovery.k8s.io/endpointslices',
        keys: ({ entry }) => behind(namespaceOf(entry.object), entry.object.metadata?.labels?.[SERVICE_NAME] ?? ''),
      },
    ],
    outputs: [{ what: `${APISERVICES}#status of remote ones`, mode: 'exclusive' }],
    reconcile: (name) => reconcile(name, keeper),
  };
}
