import type { PressureCondition } from './signals.ts';

/** Why a pod is being evicted. */
export interface Eviction {
  readonly message: string;
  /** Whether the node needed room: the pod's condition DisruptionTarget says so. */
  readonly isDisruption: boolean;
  /** When it began, by the clock's `elapsed`. */
  readonly since: number;
}

/**
 * Pods that are being evicted: whoever decides writes it down, pod-units doesn't start them again, pod-status makes them
 * Failed when nothing of them runs. Not state: after a restart what was the reason is found again, if it still holds.
 */
export interface EvictionBoard {
  get(uid: string): Eviction | undefined;
  set(uid: string, eviction: Eviction): void;
  delete(uid: string): void;
  subscribe(listener: (uid: string) => void): () => void;
}

/** An empty board. */
export function createEvictionBoard(): EvictionBoard {
  const evictions = new Map<string, Eviction>();
  const listeners = new Set<(uid: string) => void>();
  return {
    get: (uid) => evictions.get(uid),
    set(uid, eviction) {
      evictions.set(uid, eviction);
      for (const listener of listeners) listener(uid);
    },
    delete: (uid) => void evictions.delete(uid),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What the machine is short of now, for its Node and for pods that come to it. */
export interface PressureBoard {
  readonly conditions: () => ReadonlySet<PressureCondition>;
  set(conditions: ReadonlySet<PressureCondition>): void;
  subscribe(listener: () => void): () => void;
}

/** A board that says that there is enough of everything. */
export function createPressureBoard(): PressureBoard {
  let current: ReadonlySet<PressureCondition> = new Set();
  const listeners = new Set<() => void>();
  return {
    conditions: () => current,
    set(conditions) {
      const isSame = conditions.size === current.size && [...conditions].every((one) => current.has(one));
      current = conditions;
      if (!isSame) for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
