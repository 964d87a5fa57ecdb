import type { ServiceManager } from '../../../systemd/service-manager.ts';
import type { TimerRuns } from '../../../systemd/timer-runs.ts';
import type { UnitDirectory } from '../../../systemd/unit-directory.ts';
import type { UnitLearner } from '../../../systemd/unit-learner.ts';
import type { Translation } from '../../../translators/host-file.ts';
import type { Podman } from '../../host/podman.ts';
import type { Container, Pod } from '../../kinds/types.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../controller.ts';
import type { EventRecorder, Happening } from '../events.ts';
import type { EvictionBoard, PressureBoard } from '../eviction/boards.ts';
import type { PodMemoryReader } from '../eviction/pod-usage.ts';
import type { WaitingBoard } from '../pod-waiting.ts';
import type { Resources } from '../resources.ts';
import type { AddressBook } from './address-book.ts';
import type { Drain } from './drain.ts';
import type { FirstStarts } from './first-starts.ts';
import type { HostBatch } from './host-batch.ts';
import type { PathTypeReader } from './host-paths.ts';
import type { ImageHolds } from './image-holds.ts';
import type { ImagePulls } from './image-pulls.ts';
import type { Inventory } from './inventory.ts';
import type { ReferencedObjects } from './references.ts';
import type { Teardowns } from './teardown.ts';

/** Translates a pod with an address, given what it refers to. Pure. */
export type PodTranslator = (pod: Pod, objects: ReferencedObjects) => Translation;

/** The ServiceAccount tokens that a pod's volumes shall hold. */
export interface GatheredTokens {
  /** By `<volume>/<path>`. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Until one of them has to be renewed. */
  readonly renewAfterMs: number | undefined;
  /** Volumes whose token can't be had, and why. */
  readonly failures: readonly { readonly volume: string; readonly message: string }[];
}

/** What the write side needs. */
export interface PodUnitsOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly nodeName: string;
  readonly podCidrs: readonly string[];
  readonly serviceManager: ServiceManager;
  readonly podman: Podman;
  readonly unitDirectory: UnitDirectory;
  /** Shows systemd new units; without it every change is a reload. */
  readonly learner?: UnitLearner;
  /** Pods that timers made wait there to be recorded. */
  readonly timerRuns?: TimerRuns;
  readonly translate: PodTranslator;
  /** Resolves when the kernel and the router send by what is stored now; without it at once. */
  readonly settled?: () => Promise<void>;
  /** Resolves when the policies about pods that are stored now are in force. */
  readonly guarded?: () => Promise<void>;
  /** Lets containers wait for their image while others of the pod run; without it all wait for all. */
  readonly imageHolds?: ImageHolds;
  /** Without it units lay out all starts. */
  readonly firstStarts?: FirstStarts;
  /** What is at a path of this machine; without it only the pod's units look. */
  readonly readPathType?: PathTypeReader;
  /** Without it pods get no tokens. */
  readonly tokens?: (pod: Pod) => Promise<GatheredTokens>;
  readonly waiting: WaitingBoard;
  /** Pods that shall not start again. */
  readonly evictions: EvictionBoard;
  /** What the machine is short of: it takes no pods then. */
  readonly pressure: PressureBoard;
  /** What containers use, which no limit may be set below; without it limits are set as they are asked for. */
  readonly podMemory?: PodMemoryReader;
  /** Tells the pod's units until when (seconds since the epoch) the whole pod has to be gone, before they are stopped. */
  readonly stopBy?: (uid: string, deadline: number) => Promise<void>;
  readonly hostIps: () => readonly string[];
  /** Beside the safe ones; `kernel.msg*` stands for all that begin so. */
  readonly allowedUnsafeSysctls?: readonly string[];
  /** Whether the kernel enforces AppArmor profiles; it does unless told otherwise. */
  readonly hasAppArmor?: () => boolean;
  readonly signal: AbortSignal;
}

/** The write side's parts. What is in memory here is found again after a restart. */
export interface Agent extends PodUnitsOptions {
  readonly batch: HostBatch;
  readonly inventory: Inventory;
  readonly drain: Drain;
  readonly teardowns: Teardowns;
  readonly pulls: ImagePulls;
  readonly addresses: AddressBook;
  /** Starts of the gate that haven't led to an active one, by uid. */
  readonly attempts: Map<string, number>;
  /** Containers whose image was changed in a running pod, by uid. */
  readonly changedImages: Map<string, ReadonlySet<string>>;
  /** Makes the controller look at a key. */
  readonly wake: (key: string) => void;
}

/** Something that the kubelet would say. */
export function kubelet(type: Happening['type'], reason: string, message: string): Happening {
  return { type, reason, message, component: 'kubelet' };
}

/** Init and app containers of a pod, in start order. */
export function allContainers(
  pod: Pod,
): readonly { readonly container: Container; readonly list: 'initContainers' | 'containers' }[] {
  return [
    ...(pod.spec?.initContainers ?? []).map((container) => ({ container, list: 'initContainers' as const })),
    ...(pod.spec?.containers ?? []).map((container) => ({ container, list: 'containers' as const })),
  ];
}
