import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../kinds/types.ts';
import { compareQuantities } from '../../machinery/quantity.ts';
import { labelSelectorOf, matchesLabels } from '../../machinery/selectors.ts';
import { isDeleting, nameOf } from '../meta.ts';
import { matchesNodeSelector } from '../workloads/node-affinity.ts';
import { classOf, hasAccessModes, isBoundTo, isLess, modesMismatch, storageOf } from './volume-facts.ts';

/** How a volume is looked for. */
export interface MatchOptions {
  /** The claim's class waits for a pod: only a volume that is meant for the claim counts, until there is a node. */
  readonly isDelayed?: boolean;
  /** Where the pod would go: volumes that can't be used there don't count. */
  readonly node?: Node;
  /** Volumes that are taken by another claim of the same pod. */
  readonly excluded?: ReadonlySet<string>;
}

/** Whether the volume may be used on the node. */
export function volumeFitsNode(volume: PersistentVolume, node: Node): boolean {
  const required = volume.spec?.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}

/** Why a volume that a claim asks for by name can't be its; undefined when it can. Upstream's words. */
export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (isDeleting(volume)) return `the volume is marked for deletion "${nameOf(volume)}"`;
  const [size, wanted] = [storageOf(volume.spec?.capacity), storageOf(claim.spec?.resources?.requests)];
  if (isLess(size, wanted)) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if (attributesOf(volume) !== attributesOf(claim)) return 'volumeAttributesClassName does not match';
  if (modesMismatch(claim, volume)) return 'incompatible volumeMode';
  return hasAccessModes(claim, volume) ? undefined : 'incompatible accessMode';
}

function attributesOf({ spec }: PersistentVolume | PersistentVolumeClaim): string {
  return spec?.volumeAttributesClassName ?? '';
}

/** Whether the volume could hold what the claim asks for, were it free. */
function couldHold(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (
    !isLess(storageOf(volume.spec?.capacity), storageOf(claim.spec?.resources?.requests)) &&
    !modesMismatch(claim, volume) &&
    attributesOf(claim) === attributesOf(volume) &&
    !isDeleting(volume) &&
    hasAccessModes(claim, volume)
  );
}

function isSelected(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (!claim.spec?.selector) return true;
  const selector = labelSelectorOf(claim.spec.selector);
  return selector.ok && matchesLabels(selector.value, volume.metadata?.labels);
}

/** Fewest access modes first, then the smallest. */
function byFit(a: PersistentVolume, b: PersistentVolume): number {
  const modes = (volume: PersistentVolume): number => volume.spec?.accessModes?.length ?? 0;
  return modes(a) - modes(b) || compareQuantities(storageOf(a.spec?.capacity), storageOf(b.spec?.capacity));
}

/**
 * The volume for a claim: one that is meant for it, else the smallest available one that has what it asks for.
 * `FindMatchingVolume` of upstream. Pure.
 */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  options: MatchOptions = {},
): PersistentVolume | undefined {
  const { node, excluded, isDelayed = false } = options;
  const able = volumes.filter((volume) => !excluded?.has(nameOf(volume)) && couldHold(volume, claim));
  const meant = able.find((volume) => isBoundTo(volume, claim));
  if (meant !== undefined) return node === undefined || volumeFitsNode(meant, node) ? meant : undefined;
  if (isDelayed && node === undefined) return undefined;
  const free = able.filter(
    (volume) =>
      !volume.spec?.claimRef &&
      volume.status?.phase === 'Available' &&
      classOf(volume) === classOf(claim) &&
      isSelected(volume, claim) &&
      (node === undefined || volumeFitsNode(volume, node)),
  );
  return free.toSorted(byFit)[0];
}
