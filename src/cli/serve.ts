import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { coalesced } from '../../systemd/coalesce.ts';
import { createJournalctl } from '../../systemd/journalctl.ts';
import { listenFds } from '../../systemd/listen-fds.ts';
import { createNotifier } from '../../systemd/notify.ts';
import { ensurePki, type Pki } from '../auth/pki.ts';
import { loadConfig, systemEnvironment, systemSources } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../controllers/clock.ts';
import { createMeasures } from '../controllers/measures.ts';
import { podDiagnostics } from '../controllers/pod-diagnostics.ts';
import { bindingHandler, podSubresourceHandlers } from '../controllers/pod-subresources.ts';
import { createHostNameChanges } from '../host/host-name-changes.ts';
import { createLibpod } from '../host/libpod.ts';
import { createNetworkChanges } from '../host/network-changes.ts';
import { createUsageReader } from '../host/usage.ts';
import { addressInCidr } from '../machinery/ip.ts';
import { createNodeApi } from '../node-api/create-node-api.ts';
import { type ApiServer, createServer, type ListenOn } from '../server/create-server.ts';
import type { HealthCheck } from '../server/health.ts';
import { createPodStreams } from '../streams/create-pod-streams.ts';
import { createHost, type HostHint } from './host.ts';
import { createLogger, type Logger } from './logger.ts';
import { measureMetrics } from './measure-metrics.ts';
import { networkRanges } from './network-ranges.ts';
import { openAggregation } from './open-aggregation.ts';
import { openAuth } from './open-auth.ts';
import { openDescriptions } from './open-descriptions.ts';
import { type OpenRegistry, openRegistry } from './open-registry.ts';
import { queueMetrics } from './queue-metrics.ts';
import { restAfterLoads } from './rest.ts';
import { podDisksOf, pressureReader, scarcity } from './scarcity.ts';
import { signingController } from './signing-controller.ts';
import { type House, startHouse } from './start-house.ts';
import { stopSignal } from './stop-signal.ts';
import { createTokenReader } from './token-reader.ts';
import { VERSION } from './version.ts';

/** How often the certificates are looked at beside changes of the host's addresses: their end may have come near. */
const CERTIFICATE_CHECK_MS = 3_600_000;

/** From listening to the start of the controllers: a TLS handshake and an answer. */
const HOUSE_AFTER_MS = 25;

/** `quadshift serve`: the API server and the controllers, until SIGTERM or SIGINT. */
export async function serve(flags: readonly string[]): Promise<number> {
  const config = loadConfig(systemSources(flags));
  const environment = systemEnvironment();
  const log = await createLogger(config.logLevel, environment);
  const notifier = createNotifier(environment, (err) => log.warn({ err }, 'systemd was not notified'));
  const stop = stopSignal();
  const pki = await ensurePki(pkiOptions(config));
  if (pki.issued.length > 0) log.info({ issued: pki.issued }, 'certificates issued');
  const podman = createLibpod({ socketPath: config.paths.podmanSocket });
  const network = createNetworkChanges({
    signal: stop,
    onFailure: (err) => log.warn({ err }, 'changes of the network are not heard of'),
  });
  const names = createHostNameChanges({
    signal: stop,
    onFailure: (err) => log.warn({ err }, 'changes of the host name are not heard of'),
  });
  const host = createHost(config, podman, [network.watch, names.watch]);
  const house = openRegistry({
    ...{ config, log, hasSctp: host.hasSctp },
    diagnosePod: (pod) => podDiagnostics(pod, host.translate),
  });
  host.attach(house.registry);
  const auth = openAuth({
    registry: house.registry,
    serviceAccount: pki.serviceAccount,
    // By the name that pods resolve: whoever verifies a token there must reach the keys.
    server: `https://kubernetes.default.svc.${config.network.clusterDomain}`,
    clock: Date.now,
  });
  const disks = podDisksOf(config, podman);
  const nodeApi = createNodeApi({
    registry: house.registry,
    reader: createUsageReader(),
    disks,
    readPressure: pressureReader(config, podman),
    nodeName: host.nodeName,
  });
  const aggregation = await openAggregation({
    registry: house.registry,
    lookup: house.lookup,
    folder: pkiOptions(config).folder,
    clientCa: pki.authority.certificate,
  });
  const measures = createMeasures();
  let running: House | undefined;
  const server = await createServer({
    metrics: () => [...queueMetrics(running?.queues() ?? new Map()), ...measureMetrics(measures.read())],
    registry: house.registry,
    streams: createPodStreams({ podman, journal: createJournalctl() }),
    tls: tlsOf(pki),
    authenticate: auth.authenticate,
    authorize: auth.authorize,
    subresources: {
      ...auth.subresources,
      ...podSubresourceHandlers({ registry: house.registry, clock: systemClock }),
    },
    virtuals: {
      ...auth.virtuals,
      '/bindings': bindingHandler({ registry: house.registry, clock: systemClock }),
    },
    readings: { 'metrics.k8s.io/pods': nodeApi.metrics.pods, 'metrics.k8s.io/nodes': nodeApi.metrics.nodes },
    proxies: nodeApi.proxies,
    aggregation: aggregation.aggregator,
    documents: auth.documents,
    descriptions: openDescriptions(new URL('./descriptions.json', import.meta.url)),
    log,
    listen: listenOn(config, environment),
    checks: [bootstrapped(house)],
  });
  // Whoever has waited at the socket is answered before we are busy with the machine.
  await delay(HOUSE_AFTER_MS);
  const controllers = await startHouse({
    config,
    measures,
    registry: house.registry,
    podman,
    host,
    caPem: pki.authority.certificate,
    scarcity: scarcity(config, { podman, usage: nodeApi.usage, disks }),
    podUsage: (namespace, labelSelector) => nodeApi.metrics.pods.list({ namespace, labelSelector }),
    tokens: auth.podTokens(createTokenReader(join(config.paths.runtime, 'pods'))),
    more: [...auth.controllers, ...aggregation.controllers, signingController(house.registry, pki.authority)],
    log,
    signal: stop,
  });
  running = controllers;
  const hints = [host.watch, controllers.watchClock];
  renewCertificates({ config, server, log, hints }, stop);
  await notifier.ready(`Serving the Kubernetes API on port ${server.address.port}`);
  notifier.watch(restAfterLoads(house.store, log), { signal: stop });
  log.info({ version: VERSION, port: server.address.port }, 'serving');
  await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  await notifier.stopping();
  await shutDown(server, controllers, house);
  return 0;
}

/** Not ready before there is a namespace to put things into. */
function bootstrapped({ registry }: OpenRegistry): HealthCheck {
  const namespaces = registry.definition('', 'namespaces');
  return {
    name: 'poststarthook/bootstrap-controller',
    endpoints: ['readyz'],
    check: () => {
      if (namespaces) registry.get(namespaces, { namespace: '', name: 'default' });
    },
  };
}

async function shutDown(
  server: ApiServer,
  controllers: { readonly close: () => Promise<void> },
  { store }: OpenRegistry,
): Promise<void> {
  await server.close();
  await controllers.close();
  await store.close();
}

function pkiOptions(config: Config): Parameters<typeof ensurePki>[0] & { readonly server: string } {
  return {
    folder: join(config.paths.state, 'pki'),
    kubeconfig: join(config.paths.state, 'kubeconfig'),
    server: `https://127.0.0.1:${config.api.port}`,
    clusterDomain: config.network.clusterDomain,
    // Where pods find the API, the bridge before it is there.
    serviceAddresses: [addressInCidr(config.network.serviceCidr, 1), ...networkRanges(config).gateways],
  };
}

function tlsOf(pki: Pki): { readonly key: string; readonly cert: string; readonly ca: string } {
  return { key: pki.serving.key, cert: pki.serving.certificate, ca: pki.authority.certificate };
}

/** systemd's socket if there is one: the address is then the socket unit's. */
function listenOn(config: Config, environment: Parameters<typeof listenFds>[0]): ListenOn {
  const [socket] = listenFds(environment, process.pid);
  return socket ? { fd: socket.fd } : { host: config.api.address, port: config.api.port };
}

interface Renewal {
  readonly config: Config;
  readonly server: ApiServer;
  readonly log: Logger;
  /** What may have made them old or wrong. */
  readonly hints: readonly HostHint[];
}

/** Keeps the certificates young and about the host's addresses of now, without a restart. */
function renewCertificates({ config, server, log, hints }: Renewal, signal: AbortSignal): void {
  const renew = async (): Promise<void> => {
    const pki = await ensurePki(pkiOptions(config));
    if (pki.issued.length === 0) return;
    server.updateTls(tlsOf(pki));
    log.info({ issued: pki.issued }, 'certificates issued');
  };
  const queued = coalesced(renew);
  const look = (): void => {
    queued().catch((err) => log.error({ err }, 'certificates could not be renewed'));
  };
  const timer = setInterval(look, CERTIFICATE_CHECK_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  for (const watch of hints) watch(look, { signal });
}
