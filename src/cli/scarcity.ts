import { join } from 'node:path';
import { createJournalctl } from '../../systemd/journalctl.ts';
import type { Config } from '../config/schema.ts';
import { SIGNALS, type Signal } from '../controllers/eviction/signals.ts';
import { parseThresholds } from '../controllers/eviction/thresholds.ts';
import type { ControllersOptions } from '../controllers/start-controllers.ts';
import { measureFolder } from '../host/disk-usage.ts';
import type { Podman } from '../host/podman.ts';
import { type HostPressure, readHostPressure } from '../host/pressure.ts';
import { createPulledImages } from '../host/pulled-images.ts';
import type { NodeUsage } from '../node-api/node-usage.ts';
import { createPodDisks, type PodDisks } from '../node-api/pod-disks.ts';

/** Measures the disks of pods on this machine. */
export function podDisksOf({ paths }: Config, podman: Podman): PodDisks {
  return createPodDisks({ podman, journal: createJournalctl(), state: paths.state, measureFolder });
}

/** Reads what this machine can run short of. */
export function pressureReader({ paths }: Config, podman: Podman): () => Promise<HostPressure> {
  let root: Promise<string> | undefined;
  const imagePath = (): Promise<string> => {
    root ??= podman.storageRoot().catch(() => {
      root = undefined;
      return '/var/lib/containers';
    });
    return root;
  };
  return async () => readHostPressure({ nodePath: paths.state, imagePath: await imagePath() });
}

/** What the controllers need to act when this machine runs short of something. */
export function scarcity(
  config: Config,
  { podman, usage, disks }: { readonly podman: Podman; readonly usage: NodeUsage; readonly disks: PodDisks },
): Pick<ControllersOptions, 'podDisks' | 'pressure' | 'images'> {
  const { hard, soft, softGraceSeconds, minimumReclaim, ...grace } = config.eviction;
  const { highPercent, lowPercent, minimumAgeSeconds } = config.images;
  return {
    podDisks: disks,
    pressure: {
      read: pressureReader(config, podman),
      podMemory: (pods) => readMemory(pods, usage),
      policy: {
        thresholds: parseThresholds({
          hard: bySignal(hard),
          soft: bySignal(soft),
          softGraceSeconds: bySignal(softGraceSeconds),
          minimumReclaim: bySignal(minimumReclaim),
        }),
        transitionMs: grace.pressureTransitionSeconds * 1000,
        maxPodGraceSeconds: grace.maxPodGraceSeconds,
      },
    },
    images: {
      pulled: createPulledImages(join(config.paths.state, 'pulled-images')),
      policy: { highPercent, lowPercent, minimumAgeMs: minimumAgeSeconds * 1000 },
    },
  };
}

/** `memoryAvailable` of the configuration is `memory.available` of the kubelet. */
function bySignal<T>(settings: { readonly [setting: string]: T | undefined }): {
  readonly [S in Signal]?: T | undefined;
} {
  const nameOf = (signal: Signal): string => signal.replace(/\.([a-z])/, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(SIGNALS.map((signal) => [signal, settings[nameOf(signal)]]));
}

type PodMemoryReader = NonNullable<ControllersOptions['pressure']>['podMemory'];

const readMemory = async (
  pods: Parameters<PodMemoryReader>[0],
  usage: NodeUsage,
): Promise<Awaited<ReturnType<PodMemoryReader>>> => {
  const measured = await usage.pods(pods);
  return new Map(
    [...measured].map(([pod, containers]) => [
      pod,
      containers.map(({ name, usage: { workingSetBytes, usageBytes, processes } }) => ({
        name,
        memoryBytes: workingSetBytes,
        usageBytes,
        processes: processes.length,
      })),
    ]),
  );
};
