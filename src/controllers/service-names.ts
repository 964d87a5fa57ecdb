import type { ServiceManager } from '../../systemd/service-manager.ts';
import { serializeResolverConfig } from '../../translators/formats/unbound-conf.ts';
import { createNamesBook, type NamesBook } from '../../translators/host/names-book.ts';
import type { Resolver } from '../host/resolver.ts';
import type { EndpointSlice, Pod, Service } from '../kinds/types.ts';
import { addressInCidr } from '../machinery/ip.ts';
import type { Controller, ControllerInput } from './controller.ts';
import { objectKey } from './meta.ts';

/** The unit that runs the resolver. */
const UNIT = 'quadshift-dns.service';
/** The unit's runtime folder. */
const RUNTIME = '/run/quadshift-dns';

/** Socket at which the running resolver takes commands. */
export const RESOLVER_SOCKET = `${RUNTIME}/control.sock`;

/** Files below the folder of the data path. */
export interface NetFiles {
  /** The folder, absolute. */
  readonly folder: string;
  read(name: string): Promise<string | undefined>;
  /** Durably. */
  write(name: string, content: string): Promise<void>;
}

/** Drivers and settings of the names controller. */
export interface ServiceNamesOptions {
  readonly resolver: Resolver;
  readonly files: NetFiles;
  readonly serviceManager: Pick<ServiceManager, 'start' | 'restart'>;
  readonly clusterDomain: string;
  readonly serviceCidrs: readonly string[];
  readonly podCidrs: readonly string[];
  /** Where pods find the resolver. */
  readonly gateways: readonly string[];
  /** Domains with resolvers of their own. */
  readonly stubDomains: { readonly [domain: string]: readonly string[] };
}

function zoneFile(name: string): string {
  return `${name}.zone`;
}

function configText(zones: Iterable<string>, { files, gateways, stubDomains }: ServiceNamesOptions): string {
  return serializeResolverConfig({
    listen: gateways,
    zones: [...zones].map((name) => ({ name, file: `${files.folder}/${zoneFile(name)}` })),
    stubDomains,
    controlSocket: RESOLVER_SOCKET,
    forwardersFile: `${RUNTIME}/forwarders.conf`,
  });
}

/** Zone files that differ, written; their zones' names. */
async function writeZones(texts: ReadonlyMap<string, string>, files: NetFiles): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const [name, text] of texts) {
    if ((await files.read(zoneFile(name))) === text) continue;
    await files.write(zoneFile(name), text);
    changed.push(name);
  }
  return changed;
}

/** The resolver as it is configured, running. It reads all its zones when it starts. */
async function ensureRunning(texts: ReadonlyMap<string, string>, options: ServiceNamesOptions): Promise<void> {
  const { files, serviceManager } = options;
  const config = configText(texts.keys(), options);
  if ((await files.read('unbound.conf')) === config) {
    await serviceManager.start(UNIT);
    return;
  }
  await files.write('unbound.conf', config);
  await serviceManager.restart(UNIT);
}

/** The book hears of every change; it is read when one was of names, and when the queue comes to it. */
function input<T>(
  book: NamesBook,
  resource: string,
  put: (key: string, object: T | undefined) => void,
): ControllerInput {
  return {
    resource,
    keys: ({ type, entry }) => {
      put(objectKey(entry.object), type === 'DELETED' ? undefined : (entry.object as T));
      return book.hasChanged() ? ['zones'] : [];
    },
  };
}

/** Keeps the resolver's zones equal to the Services, their endpoints and the pods: one key, all zones. */
export function serviceNamesController(options: ServiceNamesOptions): Controller {
  const resolverAddress = addressInCidr(options.serviceCidrs[0] ?? '', 10);
  const book = createNamesBook({ ...options, resolverAddress });
  // Zones that the resolver may have in an older state; undefined until it was seen running.
  let stale: Set<string> | undefined;
  return {
    name: 'service-names',
    inputs: [
      input<Service>(book, '/services', book.putService),
      input<EndpointSlice>(book, 'discovery.k8s.io/endpointslices', book.putSlice),
      input<Pod>(book, '/pods', book.putPod),
    ],
    outputs: [{ what: 'zones', mode: 'exclusive' }],
    extraKeys: async () => ['zones'],
    reconcile: async () => {
      const texts = book.texts();
      const changed = await writeZones(texts, options.files);
      if (stale === undefined) {
        await ensureRunning(texts, options);
        stale = new Set(texts.keys());
      }
      for (const name of changed) stale.add(name);
      for (const name of [...stale]) {
        await options.resolver.reloadZone(name);
        stale.delete(name);
      }
      return undefined;
    },
  };
}
