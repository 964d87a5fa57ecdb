import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait for what. */
export interface WaitOptions {
  readonly timeoutMs?: number;
  /** What is waited for, to complete "timed out waiting for …". */
  readonly what: string;
  readonly intervalMs?: number;
}

/**
 * Calls `attempt` until it neither throws nor returns false, and resolves to what it returned.
 * Rejects at the deadline (a minute by default: machines are busy) with the last thing that it threw as the cause.
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 60_000, what, intervalMs = 100 }: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await tried(attempt);
    if ('value' in outcome && outcome.value !== false) return outcome.value;
    if (performance.now() > deadline) throw timedOut(`${timeoutMs} ms waiting for ${what}`, outcome);
    await delay(intervalMs);
  }
}

async function tried<T>(attempt: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await attempt() };
  } catch (error) {
    return { error };
  }
}

function timedOut(forWhat: string, outcome: { value: unknown } | { error: unknown }): Error {
  if (!('error' in outcome)) return new Error(`timed out after ${forWhat}`);
  const { error } = outcome;
  const detail = error instanceof Error ? error.message : String(error);
  return new Error(`timed out after ${forWhat}: ${detail}`, { cause: error });
}
