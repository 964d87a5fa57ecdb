/** Later than this, a timer tells that the process itself was held up. */
const HELD_UP_MS = 100;
/** So often the time that was lost is granted again. */
const MAX_GRANTS = 3;

/**
 * Gives up after so many ms; returns what calls that off. Timers come before answers when a process gets to run again
 * after a while: where it was starved, the time that it lost is granted once more, as the answer may well have come.
 */
export function beginPatience(ms: number, giveUp: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (forMs: number, grants: number): void => {
    const due = performance.now() + forMs;
    timer = setTimeout(() => {
      const lateMs = performance.now() - due;
      if (lateMs > HELD_UP_MS && grants > 0) wait(lateMs, grants - 1);
      else giveUp();
    }, forMs);
  };
  wait(ms, MAX_GRANTS);
  return () => clearTimeout(timer);
}
