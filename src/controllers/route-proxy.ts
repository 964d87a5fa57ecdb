import type { ServiceManager } from '../../systemd/service-manager.ts';
import type { Inspectors } from '../../translators/host/proxy/key-pairs.ts';
import { planServerChanges } from '../../translators/host/proxy/server-changes.ts';
import type { ProxySite } from '../../translators/host/proxy/site.ts';
import { proxySites, type Refusal, type SiteFindings } from '../../translators/host/proxy/sites.ts';
import { type ProxyFiles, translateProxy } from '../../translators/host/proxy.ts';
import type { Haproxy } from '../host/haproxy.ts';
import type { Registry } from '../registry/registry.ts';
import { type Clock, timestamp } from './clock.ts';
import type { Controller, Log } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { ROUTER_INPUTS, type RouterResources, routerResources } from './route-proxy/resources.ts';
import { soundSites } from './route-proxy/sound-sites.ts';
import { reportStatus } from './route-proxy/status.ts';

/** The unit that runs the router. */
const UNIT = 'quadshift-router.service';
/** The unit's runtime folder. */
const RUNTIME = '/run/quadshift-router';
const KEY = 'router';
/** The router's certificate is looked at that often. */
const LOOK_AGAIN_MS = 12 * 3_600_000;

/** Socket at which the running router takes commands. */
export const ROUTER_SOCKET = `${RUNTIME}/master.sock`;

/** The router's folder. */
export interface RouterFolder {
  /**
   * Makes the folder hold these, durably: the configuration after what it names. Tells whether the router has to be
   * told: something changed, now or by a write that was never tidied up after.
   */
  write(files: ProxyFiles): Promise<boolean>;
  /** The router has loaded these: deletes everything else. */
  tidy(files: ProxyFiles): Promise<void>;
}

/** Drivers and settings of the router's controller. */
export interface RouteProxyOptions {
  readonly haproxy: Haproxy;
  readonly folder: RouterFolder;
  readonly serviceManager: Pick<ServiceManager, 'start' | 'get'>;
  readonly inspect: (now: number) => Inspectors;
  /** Why the router may not show a Secret's certificate for a Route; undefined when it may. Roles and bindings decide. */
  readonly forbidden: (namespace: string, name: string) => string | undefined;
  /** A short digest of a text. */
  readonly digest: (text: string) => string;
  /** Chain and key of the router itself, and the authority that servers are trusted by; PEM. */
  readonly certificate: () => Promise<{ readonly pair: string; readonly authority: string }>;
  readonly ipv6: boolean;
  /** Domain of generated hosts. */
  readonly domain: string;
  readonly nodeName: string;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info'>;
}

/** Keeps the router equal to the Routes, the Ingresses and their endpoints: one key, one configuration. */
export function routeProxyController(registry: Registry, options: RouteProxyOptions): Controller {
  const resources = routerResources(registry);
  const apply = applier(options);
  const complained = new Map<string, string>();
  return {
    name: 'route-proxy',
    inputs: ROUTER_INPUTS.map((resource) => ({ resource, keys: () => [KEY] })),
    outputs: [
      { what: 'haproxy configuration', mode: 'exclusive' },
      { what: 'route.openshift.io/routes#status', mode: 'exclusive' },
      { what: 'networking.k8s.io/ingresses#status', mode: 'exclusive' },
    ],
    extraKeys: async () => [KEY],
    reconcile: async () => {
      const findings = gather(resources, options);
      const rejected = await apply(findings.sites);
      await reportStatus({ ...findings, refusals: new Map([...findings.refusals, ...rejected]) }, resources, {
        ...options,
        complained,
        now: timestamp(options.clock),
      });
      return { afterMs: LOOK_AGAIN_MS };
    },
  };
}

function gather(resources: RouterResources, options: RouteProxyOptions): SiteFindings {
  const { inspect, digest, domain, clock, forbidden } = options;
  const { routes, ingresses, classes, services, slices, secrets } = resources;
  const snapshot = {
    routes: routes.list(),
    ingresses: ingresses.list(),
    classes: classes.list(),
    services: services.list(),
    slices: slices.list(),
    secret: (namespace: string, name: string) => secrets.find(namespace, name),
    forbidden,
  };
  return proxySites(snapshot, { inspect: inspect(clock.now()), digest, domain });
}

/** Brings sites to the router; resolves with those that HAProxy doesn't take, and why. */
function applier(options: RouteProxyOptions): (sites: readonly ProxySite[]) => Promise<ReadonlyMap<string, Refusal>> {
  const { haproxy, folder, serviceManager, digest, ipv6 } = options;
  // What was wished for last, and what of it the router is known to have.
  let done: { readonly wished: string; readonly live: ProxyFiles } | undefined;
  let rejected: ReadonlyMap<string, Refusal> = new Map();
  return async (sites) => {
    const { pair, authority } = await options.certificate();
    const shared = { digest, ipv6, defaultCertificate: pair, authority, runtime: RUNTIME };
    const translate = (chosen: readonly ProxySite[]): ProxyFiles => translateProxy(chosen, shared);
    // Names of files follow their content: the configuration tells everything.
    const wished = translate(sites).config;
    const before = done;
    if (wished === before?.wished) return rejected;
    // As long as there is nothing to serve, the ports are whoever's.
    if (sites.length === 0 && !(await isRunning(serviceManager))) return new Map();
    done = undefined;
    const { sound, refusals } = await soundSites(sites, (chosen) => haproxy.check(translate(chosen)));
    const live = translate(sound);
    const pending = await folder.write(live);
    const fresh = before === undefined && (await ensureRunning(serviceManager));
    if (pending && !fresh) await bring(live, before?.live, options);
    await folder.tidy(live);
    done = { wished, live };
    rejected = refusals;
    return rejected;
  };
}

/** Tells the running router: of other servers, one by one, and of all else by letting it read its files again. */
async function bring(
  live: ProxyFiles,
  before: ProxyFiles | undefined,
  { haproxy, log }: Pick<RouteProxyOptions, 'haproxy' | 'log'>,
): Promise<void> {
  const changes = before && planServerChanges(before.sections, live.sections);
  if (changes === undefined) return haproxy.reload();
  try {
    await haproxy.change(changes);
  } catch (err) {
    log.info({ err }, 'the router is reloaded, as it did not take a change while running');
    await haproxy.reload();
  }
}

/** Tells whether the router was started just now: then it has read its files. */
async function ensureRunning(serviceManager: RouteProxyOptions['serviceManager']): Promise<boolean> {
  if (await isRunning(serviceManager)) return false;
  const result = await serviceManager.start(UNIT);
  if (result !== 'done') throw new Error(`${UNIT} did not start: ${result}`);
  return true;
}

async function isRunning(serviceManager: RouteProxyOptions['serviceManager']): Promise<boolean> {
  return (await serviceManager.get(UNIT)).activeState === 'active';
}
