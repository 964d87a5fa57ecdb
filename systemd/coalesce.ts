/**
 * A function whose concurrent calls share runs of `task`: every call is answered by a run that started after
 * it, calls during a run share the one that follows, and two runs never overlap.
 */
export function coalesced(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const runNext = (): Promise<void> => {
    next = undefined;
    return task();
  };
  return () => {
    if (next === undefined) {
      // A failed run is its own callers' business; the next one starts all the same.
      const idle = running.catch(() => undefined);
      next = idle.then(runNext);
      running = next;
    }
    return next;
  };
}

/** Collects keys and hands each of them to `flush` once per turn of the event loop. */
export function batchedPerTick(flush: (keys: ReadonlySet<string>) => void): (key: string) => void {
  let pending = new Set<string>();
  const run = (): void => {
    const keys = pending;
    pending = new Set();
    flush(keys);
  };
  return (key) => {
    if (pending.size === 0) setImmediate(run);
    pending.add(key);
  };
}
