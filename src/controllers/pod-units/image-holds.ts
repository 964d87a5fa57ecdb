/**
 * Holds containers back whose image isn't there yet while others of their pod run. Kept beside the pod's units, whose
 * start waits for it, and found again after a restart.
 */
export interface ImageHolds {
  get(uid: string): Promise<readonly string[]>;
  /** As far as is known without a look. */
  isHolding(uid: string): boolean;
  set(uid: string, containers: readonly string[]): Promise<void>;
  forget(uid: string): void;
}
