import { setMaxListeners } from 'node:events';
import type { ServiceManager } from '../../systemd/service-manager.ts';
import type { TimerRuns } from '../../systemd/timer-runs.ts';
import type { UnitDirectory } from '../../systemd/unit-directory.ts';
import type { UnitLearner } from '../../systemd/unit-learner.ts';
import type { Podman } from '../host/podman.ts';
import type { HostPressure } from '../host/pressure.ts';
import type { PulledImages } from '../host/pulled-images.ts';
import { familyOf } from '../machinery/ip.ts';
import type { Registry } from '../registry/registry.ts';
import { autoUpdateObserve } from './auto-update-observe.ts';
import type { PodUsageReader } from './autoscaling/samples.ts';
import { CLOCK_UNIT, type Clock } from './clock.ts';
import type { Controller, Log } from './controller.ts';
import { type CronJobTimersOptions, cronJobTimers } from './cron-job-timers.ts';
import { customResourceDefinitionCleanup } from './custom-resource-definition-cleanup.ts';
import { customResourceDefinitionNames } from './custom-resource-definition-names.ts';
import { ephemeralClaims } from './ephemeral-claims.ts';
import { eventExpiry } from './event-expiry.ts';
import { createEventRecorder, type EventRecorder } from './events.ts';
import { createEvictionBoard, createPressureBoard, type EvictionBoard, type PressureBoard } from './eviction/boards.ts';
import type { PodDisks, PodMemoryReader } from './eviction/pod-usage.ts';
import { garbageCollection } from './garbage-collection.ts';
import type { HostFactsReader } from './host-facts.ts';
import { imageCollection } from './image-collection.ts';
import { createImageCollector } from './images/image-collector.ts';
import type { ImagePolicy } from './images/image-policy.ts';
import type { Measures } from './measures.ts';
import { namespaceBootstrap } from './namespace-bootstrap.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeConditionTaints } from './node-condition-taints.ts';
import { nodeLease } from './node-lease.ts';
import { nodeRegistration } from './node-registration.ts';
import { persistentVolumeBinding } from './persistent-volume-binding.ts';
import { podGarbageCollection } from './pod-garbage-collection.ts';
import { podScheduling } from './pod-scheduling.ts';
import type { ProbeReader, RunReader } from './pod-status/facts.ts';
import { podStatus } from './pod-status.ts';
import { type PodTranslator, type PodUnitsOptions, podUnits } from './pod-units.ts';
import { createWaitingBoard } from './pod-waiting.ts';
import { type EvictionPolicy, pressureEviction } from './pressure-eviction.ts';
import { resourceQuotaUsage } from './resource-quota-usage.ts';
import { createResources, type Resources } from './resources.ts';
import { rootCaPublish } from './root-ca-publish.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { createScales } from './scales.ts';
import { serviceAccountDefaults } from './service-account-defaults.ts';
import { storageLimits } from './storage-limits.ts';
import { storageProtection } from './storage-protection.ts';
import { taintEviction } from './taint-eviction.ts';
import { volumeExpansion } from './volume-expansion.ts';
import { type VolumeProvisioningOptions, volumeProvisioning } from './volume-provisioning.ts';
import { workloadControllers } from './workload-controllers.ts';

/** What the controllers are told about this installation. */
export interface ControllersConfig {
  /** The Node's name. */
  readonly nodeName: string;
  /** Ranges of pods, IPv4's first; the first address of each is the gateway. */
  readonly podCidrs: readonly string[];
  /** How many there are of each of this host's devices, by resource name. */
  readonly devices?: { readonly [name: string]: number };
  /** What the node reports as the kubelet's version. */
  readonly version: string;
  /** The API server's CA, for kube-root-ca.crt. */
  readonly caPem: string;
}

/** Everything that the controllers need of the house. */
export interface ControllersOptions {
  readonly registry: Registry;
  readonly serviceManager: ServiceManager;
  readonly podman: Podman;
  readonly unitDirectory: UnitDirectory;
  /** Shows systemd new units; without it every change is a reload. */
  readonly learner?: UnitLearner;
  readonly hostFacts: HostFactsReader;
  readonly probes: ProbeReader;
  /** How containers ended for good while nobody watched; without it only what systemd still knows counts. */
  readonly runs?: RunReader;
  /** Lets containers wait for their image while others of the pod run. */
  readonly imageHolds?: PodUnitsOptions['imageHolds'];
  readonly firstStarts?: PodUnitsOptions['firstStarts'];
  /** Tells a pod's units until when it has to be gone. */
  readonly stopBy?: PodUnitsOptions['stopBy'];
  readonly translate: PodTranslator;
  /** Unsafe sysctls that pods may set. */
  readonly allowedUnsafeSysctls?: PodUnitsOptions['allowedUnsafeSysctls'];
  /** Whether AppArmor profiles can be kept here. */
  readonly hasAppArmor?: PodUnitsOptions['hasAppArmor'];
  /** What timers do while nobody watches; without it CronJobs have none. */
  readonly timers?: { readonly runs: TimerRuns; readonly roots: CronJobTimersOptions['roots'] };
  /** What pods use; without it autoscalers do nothing. */
  readonly podUsage?: PodUsageReader;
  /** ServiceAccount tokens for pods' volumes; without it they get none. */
  readonly tokens?: PodUnitsOptions['tokens'];
  /** Folders for volumes, and where they are unless their class says otherwise; without it none are made. */
  /** What is at a path of this machine. */
  readonly readPathType?: PodUnitsOptions['readPathType'];
  /** Measures pods' disks; without it limits aren't held. */
  readonly podDisks?: PodDisks;
  /** What the machine can run short of, and what is done then; without it nothing is. */
  readonly pressure?: {
    readonly read: () => Promise<HostPressure>;
    readonly policy: EvictionPolicy;
    readonly podMemory: PodMemoryReader;
  };
  /** Which images may be removed, and when; without it all stay. */
  readonly images?: { readonly pulled: PulledImages; readonly policy: ImagePolicy };
  readonly volumes?: Pick<VolumeProvisioningOptions, 'folders' | 'defaultRoot'>;
  /** What is counted for whoever watches the controllers; nobody reads it unless told. */
  readonly measures?: Measures;
  readonly config: ControllersConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Controllers of other parts of the house that run beside these. */
  readonly more?: (shared: {
    readonly resources: Resources;
    readonly recorder: EventRecorder;
  }) => readonly Controller[];
}

/** Running controllers. */
export interface Controllers extends Runtime {
  /** Records Events on behalf of other parts of the house; flush it before the store closes. */
  readonly recorder: EventRecorder;
}

/** The host's addresses as the Node has them: the preferred one, and one of the other family where pods have it, too. */
function hostIpsOf(resources: Resources, { nodeName, podCidrs }: ControllersConfig): () => readonly string[] {
  return () => {
    const addresses = resources.nodes.find('', nodeName)?.status?.addresses ?? [];
    const own = addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
    const [first = '', ...more] = own;
    const second = more.find((address) => familyOf(address) !== familyOf(first));
    return first === '' ? [] : podCidrs.length > 1 && second !== undefined ? [first, second] : [first];
  };
}

/** Where the runs of CronJobs' timers are found. */
function cronRecords({ timers, runs, serviceManager, config }: ControllersOptions, resources: Resources) {
  if (timers === undefined) return {};
  const hostIps = hostIpsOf(resources, config);
  const hostIp = (): string => hostIps()[0] ?? '';
  return { serviceManager, records: { timerRuns: timers.runs, hostIp, ...(runs ? { runs } : {}) } };
}

function clusterControllers(options: ControllersOptions, shared: Shared): readonly Controller[] {
  const { registry, clock, config } = options;
  const { resources, recorder } = shared;
  return [
    namespaceBootstrap({ resources }),
    namespaceLifecycle({ registry, resources, clock }),
    serviceAccountDefaults({ resources }),
    rootCaPublish({ resources, caPem: config.caPem }),
    ...workloadControllers({
      ...{ resources, recorder, clock, scales: createScales(registry) },
      ...cronRecords(options, resources),
      ...(options.measures === undefined ? {} : { measures: options.measures }),
      ...(options.podUsage === undefined ? {} : { podUsage: options.podUsage }),
    }),
    customResourceDefinitionNames({ registry, clock }),
    customResourceDefinitionCleanup({ registry, clock }),
    garbageCollection({ registry }),
    podGarbageCollection({ resources, clock }),
    resourceQuotaUsage({ registry }),
    storageProtection({ registry }),
    persistentVolumeBinding({ resources, recorder }),
    ephemeralClaims({ resources, recorder }),
    eventExpiry({ events: resources.events, clock }),
  ];
}

interface Shared {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
}

/** Who sends requests to pods: a pod that goes may end when they have heard of it. */
const SENDERS = ['service-firewall', 'route-proxy'];
/** Who keeps others from pods: a pod may start when its policies are in force. */
const GUARDS = ['service-firewall'];

/** Resolves when these controllers have dealt with all that is stored now. */
type Settled = (controllers: readonly string[]) => Promise<void>;

function nodeControllers(
  options: ControllersOptions,
  { resources, recorder }: Shared,
  settled: Settled,
): readonly Controller[] {
  const { clock, config, hostFacts, signal, images } = options;
  const { nodeName, podCidrs, version } = config;
  const hostIps = hostIpsOf(resources, config);
  const waiting = createWaitingBoard();
  const evictions = createEvictionBoard();
  const pressure = createPressureBoard();
  const { timers, pressure: _, ...drivers } = options;
  const timerRuns = timers === undefined ? {} : { timerRuns: timers.runs };
  const shared = { resources, recorder, clock, nodeName, evictions };
  const pulled = images === undefined ? {} : { pulledImages: images.pulled };
  const agent = { ...drivers, ...timerRuns, ...pulled, ...shared, waiting, pressure, hostIps };
  return [
    nodeRegistration({
      ...shared,
      podman: options.podman,
      pressure,
      version,
      hostFacts,
      devices: options.config.devices,
    }),
    nodeConditionTaints(shared),
    nodeLease(shared),
    podScheduling({ resources, recorder, clock, nodeName }),
    taintEviction({ resources, recorder, clock, nodeName }),
    podUnits({
      ...{ ...agent, podCidrs, signal },
      ...(options.pressure ? { podMemory: options.pressure.podMemory } : {}),
      settled: () => settled(SENDERS),
      guarded: () => settled(GUARDS),
    }),
    podStatus(agent),
    ...(timers === undefined ? [] : [cronJobTimers({ ...agent, podCidr: podCidrs[0] ?? '', roots: timers.roots })]),
    autoUpdateObserve({ resources, recorder }),
    ...volumeControllers(options, { resources, recorder }),
    ...scarcityControllers(options, { ...shared, pressure }),
  ];
}

interface ScarcityShared extends Shared {
  readonly clock: Clock;
  readonly nodeName: string;
  readonly evictions: EvictionBoard;
  readonly pressure: PressureBoard;
}

/** Who acts when this machine runs short of something. */
function scarcityControllers(options: ControllersOptions, shared: ScarcityShared): readonly Controller[] {
  const { podDisks: disks, pressure, images, podman } = options;
  const evictor = { ...options, ...shared };
  const collector = images && createImageCollector({ ...evictor, podman, ...images });
  const limits = disks === undefined ? [] : [storageLimits({ ...evictor, disks })];
  if (pressure === undefined) return limits;
  const readPressure = pressure.read;
  const eviction = pressureEviction({
    ...evictor,
    policy: pressure.policy,
    readPressure,
    board: shared.pressure,
    loads: { memory: pressure.podMemory, disks },
    ...(collector ? { reclaimImages: collector.collectAll } : {}),
  });
  const collection = collector === undefined ? [] : [imageCollection({ ...shared, collector, readPressure })];
  return [...limits, eviction, ...collection];
}

/** What makes volumes of this machine's folders. */
function volumeControllers({ volumes, config }: ControllersOptions, shared: Shared): readonly Controller[] {
  if (volumes === undefined) return [];
  return [
    volumeProvisioning({ ...shared, ...volumes, nodeName: config.nodeName }),
    volumeExpansion({ ...shared, folders: volumes.folders }),
  ];
}

/** A signal of our own that follows the given one: many listen to it, which Node takes for a leak elsewhere. */
function scoped(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  if (signal.aborted) controller.abort(signal.reason);
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}

/** Every controller of the house, not running yet. Throws when the catalogue lacks a kind that they need. */
export function composeControllers(
  options: ControllersOptions,
  settled: Settled = async () => {},
): { readonly controllers: readonly Controller[]; readonly recorder: EventRecorder } {
  const { registry, clock, log, config, more } = options;
  const resources = createResources(registry);
  const recorder = createEventRecorder({ events: resources.events, clock, log, host: config.nodeName });
  const shared = { resources, recorder };
  const controllers = [
    ...clusterControllers(options, shared),
    ...nodeControllers(options, shared, settled),
    ...(more?.(shared) ?? []),
  ];
  return { controllers, recorder };
}

/** Starts every controller of the house on one registry. Throws when two of them claim the same output. */
export function startControllers(given: ControllersOptions): Controllers {
  const options = { ...given, signal: scoped(given.signal) };
  const { registry, clock, log, signal } = options;
  let runtime: Runtime | undefined;
  const { controllers, recorder } = composeControllers(options, async (names) => runtime?.settled(names));
  const started = startRuntime(controllers, { registry, clock, log, signal });
  runtime = started;
  // Without a bus nobody tells of it; the resync looks then.
  options.serviceManager.watch(CLOCK_UNIT, () => started.resync(), { signal }).catch(() => undefined);
  return { ...runtime, recorder };
}
