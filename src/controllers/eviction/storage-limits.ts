import { podRequirements } from '../../kinds/quota/pod-requirements.ts';
import type { Pod } from '../../kinds/types.ts';
import { formatQuantity, parseQuantity, quantityToNumber } from '../../machinery/quantity.ts';
import type { ContainerDisk, VolumeLoad } from './pod-usage.ts';

/** A volume that may not grow beyond this. */
export interface VolumeLimit {
  readonly volume: string;
  /** As the pod has it. */
  readonly text: string;
  readonly bytes: number;
}

/** The limits of a pod's volumes on disk; those in memory are the kernel's to hold. Pure. */
export function diskLimits({ spec }: Pod): readonly VolumeLimit[] {
  return (spec?.volumes ?? []).flatMap(({ name, emptyDir }) => {
    const parsed = emptyDir?.sizeLimit === undefined ? undefined : parseQuantity(emptyDir.sizeLimit);
    if (!parsed?.ok || emptyDir?.medium === 'Memory') return [];
    const bytes = quantityToNumber(parsed.value);
    return bytes > 0 ? [{ volume: name, text: emptyDir?.sizeLimit ?? '', bytes }] : [];
  });
}

/** Whether the pod, or a container of it, may only have so much of the disk. Pure. */
export function hasStorageLimit({ spec }: Pod): boolean {
  return podRequirements(spec, 'limits').has('ephemeral-storage');
}

/** What a pod has on disk. */
export interface DiskLoad {
  readonly volumes: readonly VolumeLoad[];
  readonly containers: readonly ContainerDisk[];
}

/** The first limit that is exceeded, in the kubelet's words; undefined when all hold. Pure. */
export function exceededLimit(pod: Pod, load: DiskLoad): string | undefined {
  return exceededVolume(pod, load) ?? exceededPod(pod, load) ?? exceededContainer(pod, load);
}

function exceededVolume(pod: Pod, { volumes }: DiskLoad): string | undefined {
  const used = new Map(volumes.map(({ name, bytes }) => [name, bytes]));
  const over = diskLimits(pod).find(({ volume, bytes }) => (used.get(volume) ?? 0) > bytes);
  return over && `Usage of EmptyDir volume "${over.volume}" exceeds the limit "${over.text}". `;
}

function exceededPod({ spec }: Pod, { volumes, containers }: DiskLoad): string | undefined {
  const limit = podRequirements(spec, 'limits').get('ephemeral-storage');
  if (limit === undefined) return undefined;
  const total = [...volumes.map(({ bytes }) => bytes), ...containers.map(sizeOf)].reduce((sum, one) => sum + one, 0);
  if (total <= quantityToNumber(limit)) return undefined;
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${formatQuantity(limit)}. `;
}

function exceededContainer({ spec }: Pod, { containers }: DiskLoad): string | undefined {
  for (const { name, resources } of spec?.containers ?? []) {
    const limit = parseQuantity(resources?.limits?.['ephemeral-storage'] ?? '');
    const used = containers.find((one) => one.name === name);
    if (!limit.ok || limit.value.nano === 0n || used === undefined) continue;
    if (sizeOf(used) <= quantityToNumber(limit.value)) continue;
    return `Container ${name} exceeded its local ephemeral storage limit "${formatQuantity(limit.value)}". `;
  }
  return undefined;
}

function sizeOf({ layerBytes, logBytes }: ContainerDisk): number {
  return layerBytes + logBytes;
}
