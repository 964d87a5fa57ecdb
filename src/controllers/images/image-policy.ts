/** When unused images go, as the kubelet's image garbage collection. */
export interface ImagePolicy {
  /** How full the disk of the images may be, in percent. */
  readonly highPercent: number;
  /** How full it is left. */
  readonly lowPercent: number;
  /** Younger ones stay. */
  readonly minimumAgeMs: number;
}

/** An image that nobody uses. */
export interface UnusedImage {
  readonly id: string;
  readonly sizeBytes: number;
  /** Since when nobody uses it, as far as anybody looked; ms. */
  readonly lastUsed: number;
  /** When it was first seen, ms. */
  readonly firstSeen: number;
}

/** Bytes that have to go so that the disk is as full as it may be; 0 while it isn't too full. Pure. */
export function bytesToFree(
  { totalBytes, availableBytes }: { readonly totalBytes: number; readonly availableBytes: number },
  { highPercent, lowPercent }: ImagePolicy,
): number {
  if (totalBytes === 0) return 0;
  const usedPercent = 100 - Math.floor((availableBytes * 100) / totalBytes);
  if (usedPercent < highPercent) return 0;
  return Math.max(0, Math.floor((totalBytes * (100 - lowPercent)) / 100) - availableBytes);
}

/** The order in which images go, least recently used first; those too young are left out. Pure. */
export function collectible(
  images: readonly UnusedImage[],
  { minimumAgeMs }: ImagePolicy,
  now: number,
): readonly UnusedImage[] {
  const old = images.filter(({ firstSeen }) => now - firstSeen >= minimumAgeMs);
  return old.sort((a, b) => a.lastUsed - b.lastUsed || a.firstSeen - b.firstSeen);
}
