import { join } from 'node:path';
import { createDbusServiceManager } from '../../systemd/dbus-service-manager.ts';
import type { ServiceManager } from '../../systemd/service-manager.ts';
import { createTimerRuns } from '../../systemd/timer-runs.ts';
import { createUnitDirectory, type UnitDirectory } from '../../systemd/unit-directory.ts';
import { withDrift } from '../../systemd/unit-drift.ts';
import { createUnitLearner } from '../../systemd/unit-learner.ts';
import { createVault } from '../../systemd/vault.ts';
import { NETWORK_OWNER, translateNetwork } from '../../translators/units/network.ts';
import type { Config } from '../config/schema.ts';
import { builtInObjectsKeeper } from '../controllers/built-in-objects.ts';
import { CLOCK_UNIT, systemClock, timestamp } from '../controllers/clock.ts';
import type { Controller } from '../controllers/controller.ts';
import type { Measures } from '../controllers/measures.ts';
import { type Controllers, type ControllersOptions, startControllers } from '../controllers/start-controllers.ts';
import { createLocalFolders } from '../host/local-folders.ts';
import type { LocalVolumes } from '../host/local-volumes.ts';
import { readPathType } from '../host/path-type.ts';
import type { Podman } from '../host/podman.ts';
import { createProjectQuota } from '../host/project-quota.ts';
import { createProbeResultsReader } from '../prober/results-reader.ts';
import type { Registry } from '../registry/registry.ts';
import { createFirstStarts, marksOf } from './first-starts.ts';
import type { Host } from './host.ts';
import { createImageHolds } from './image-holds.ts';
import type { Logger } from './logger.ts';
import { networkControllers } from './network-controllers.ts';
import { networkRanges } from './network-ranges.ts';
import { routerControllers } from './router-controllers.ts';
import { createRunReader } from './run-reader.ts';
import { createStopDeadlines } from './stop-deadlines.ts';
import { KUBERNETES_VERSION } from './version.ts';

/** What the controllers are joined from. */
export interface HouseOptions {
  readonly config: Config;
  readonly registry: Registry;
  readonly podman: Podman;
  readonly host: Host;
  readonly caPem: string;
  /** What pods use. */
  readonly podUsage: NonNullable<ControllersOptions['podUsage']>;
  /** What is done when the machine runs short of something. */
  readonly scarcity: Pick<ControllersOptions, 'podDisks' | 'pressure' | 'images'>;
  /** What controllers count. */
  readonly measures: Measures;
  /** ServiceAccount tokens for pods' volumes. */
  readonly tokens: ControllersOptions['tokens'];
  /** Controllers that come with authentication and authorization. */
  readonly more: readonly Controller[];
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The running house; closing it waits until nothing is half-done. */
export interface House {
  /** What each controller's queue has done. */
  readonly queues: Controllers['counts'];
  /** Calls the listener when the clock was set, until aborted. */
  watchClock(listener: () => void, options: { readonly signal: AbortSignal }): void;
  close(): Promise<void>;
}

/** Joins drivers, translators and controllers, and starts them. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const { config, registry, podman, host, log, signal } = options;
  const { state, runtime, quadlet, units, dbusSocket } = config.paths;
  const serviceManager = createDbusServiceManager({ address: `unix:path=${dbusSocket}` });
  const vault = createVault({
    live: runtime,
    state,
    onError: (err, folder) => log.error({ err, folder }, 'secrets of a pod are not kept for the next boot'),
  });
  const roots = { quadlet, unit: units, state, sealed: runtime };
  const unitDirectory = withDrift(createUnitDirectory(roots, vault), roots);
  const learner = createUnitLearner({ serviceManager, quadletFolder: quadlet, scratch: runtime });
  const { podmanVersion } = await host.read();
  await declareNetwork({ config, unitDirectory, serviceManager, podmanVersion });
  const controllers = startControllers({
    registry,
    serviceManager,
    podman,
    unitDirectory,
    learner,
    hostFacts: host,
    probes: createProbeResultsReader(join(runtime, 'probes'), (err) => log.warn({ err }, 'probe results')),
    runs: createRunReader(join(state, 'pods')),
    imageHolds: createImageHolds(join(state, 'pods')),
    firstStarts: createFirstStarts({ pods: join(state, 'pods'), marks: marksOf(runtime) }),
    stopBy: createStopDeadlines(join(state, 'pods')),
    translate: host.translate,
    allowedUnsafeSysctls: config.pods.allowedUnsafeSysctls,
    hasAppArmor: host.hasAppArmor,
    timers: { runs: createTimerRuns(state), roots: { quadlet, unit: units, state, sealed: runtime } },
    readPathType,
    ...options.scarcity,
    volumes: { folders: createVolumeFolders(runtime, serviceManager), defaultRoot: config.paths.volumes },
    podUsage: options.podUsage,
    measures: options.measures,
    ...(options.tokens ? { tokens: options.tokens } : {}),
    config: {
      nodeName: host.nodeName,
      podCidrs: await podCidrsNow({ config, podman, serviceManager, log }),
      version: KUBERNETES_VERSION,
      devices: Object.fromEntries(Object.entries(config.devices).map(([name, { count }]) => [name, count])),
      caPem: options.caPem,
    },
    clock: systemClock,
    log,
    signal,
    more: ({ recorder }) => [
      ...networkControllers({
        config,
        registry,
        serviceManager,
        unitDirectory,
        recorder,
        log,
        nodeName: host.nodeName,
      }),
      ...routerControllers({ config, registry, serviceManager, recorder, nodeName: host.nodeName, log }),
      builtInObjectsKeeper({
        registry,
        serviceCidrs: networkRanges(config).serviceCidrs,
        now: () => timestamp(systemClock),
      }),
      ...options.more,
    ],
  });
  return {
    queues: controllers.counts,
    watchClock: (listener, how) => {
      serviceManager.watch(CLOCK_UNIT, listener, how).catch((err) => log.warn({ err }, 'the clock is not watched'));
    },
    close: async () => {
      await close(controllers, serviceManager);
      await vault.settled();
    },
  };
}

/** Folders for volumes, held to their sizes by a unit that may set quotas. */
function createVolumeFolders(runtime: string, serviceManager: ServiceManager): LocalVolumes {
  const requests = join(runtime, 'volume-quota');
  const run = async (): Promise<boolean> => (await serviceManager.start('quadshift-volume-quota.service')) === 'done';
  return createLocalFolders(createProjectQuota({ requests, run }));
}

async function close(controllers: Controllers, serviceManager: ServiceManager): Promise<void> {
  await controllers.recorder.flush();
  serviceManager.close();
}

interface NetworkDeclaration {
  readonly config: Config;
  readonly unitDirectory: UnitDirectory;
  readonly serviceManager: ServiceManager;
  readonly podmanVersion: string;
}

interface PodCidrsOptions extends Pick<HouseOptions, 'config' | 'podman' | 'log'> {
  readonly serviceManager: ServiceManager;
}

/** The ranges that pods get addresses of: IPv6's from the boot on that makes the network anew. */
async function podCidrsNow({ config, podman, serviceManager, log }: PodCidrsOptions): Promise<readonly string[]> {
  const { podCidrs } = networkRanges(config);
  if (podCidrs.length === 1) return podCidrs;
  // At boot it may just be on its way.
  await serviceManager.start('quadshift-network.service').catch(() => undefined);
  const there = await podman.networkSubnets('quadshift').catch(() => undefined);
  if (there === undefined || podCidrs.every((cidr) => there.includes(cidr))) return podCidrs;
  log.warn({ podCidrs }, 'the network of the pods has no IPv6 yet: it gets it with the next boot');
  return podCidrs.slice(0, 1);
}

/** The pods' bridge as a Quadlet network; pods' units depend on it. */
async function declareNetwork(declaration: NetworkDeclaration): Promise<void> {
  const { config, unitDirectory, serviceManager, podmanVersion } = declaration;
  const { podCidrs, gateways } = networkRanges(config);
  const ranges = podCidrs.map((subnet, i) => ({ subnet, gateway: gateways[i] ?? '' }));
  const translation = translateNetwork({ name: 'quadshift', ranges, podmanVersion });
  const change = await unitDirectory.apply([{ owner: NETWORK_OWNER, ...translation }]);
  if (change.reloadNeeded) await serviceManager.reload();
}
