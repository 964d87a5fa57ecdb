import type { WaitingReason } from './pod-status/facts.ts';

/**
 * Why containers of pods aren't created yet: pod-units learns it, pod-status tells it. Not state: after a restart
 * pod-units finds the same reasons again.
 */
export interface WaitingBoard {
  get(uid: string, container: string): WaitingReason | undefined;
  /** Replaces the reasons of a pod; wakes listeners when they changed. */
  set(uid: string, reasons: { readonly [container: string]: WaitingReason }): void;
  subscribe(listener: (uid: string) => void): () => void;
}

/** An empty board. */
export function createWaitingBoard(): WaitingBoard {
  const reasons = new Map<string, { readonly [container: string]: WaitingReason }>();
  const listeners = new Set<(uid: string) => void>();
  return {
    get: (uid, container) => reasons.get(uid)?.[container],
    set(uid, next) {
      const before = JSON.stringify(reasons.get(uid) ?? {});
      if (Object.keys(next).length === 0) reasons.delete(uid);
      else reasons.set(uid, next);
      if (JSON.stringify(next) !== before) for (const listener of listeners) listener(uid);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
