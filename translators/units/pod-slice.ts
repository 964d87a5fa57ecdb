import { podQosClass } from '../../src/kinds/pod-spec/qos.ts';
import type { Pod } from '../../src/kinds/types.ts';

/**
 * The slice that everything of a pod runs in: `qs-pod-<uid>.slice` where it asks for resources, and
 * `qs-besteffort-<uid>.slice` otherwise. A dash is what nests slices, so the uid has none.
 */
export function podSlice(pod: Pod): string {
  const group = podQosClass(pod.spec) === 'BestEffort' ? 'besteffort' : 'pod';
  return `qs-${group}-${(pod.metadata?.uid ?? '').replaceAll('-', '_')}.slice`;
}

/** Whether it is any pod's slice. */
export function isPodSlice(slice: string): boolean {
  return /^qs-(?:besteffort|pod)-[^-]+\.slice$/.test(slice);
}

/** Where a slice is below the root of the control groups: `a-b.slice` is in `a.slice` (systemd.slice(5)). */
export function sliceFolder(slice: string): string {
  const parts = slice.replace(/\.slice$/, '').split('-');
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`).join('/');
}
