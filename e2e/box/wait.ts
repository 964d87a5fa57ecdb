import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait for what. */
export interface WaitOptions {
  readonly timeoutMs?: number;
  /** What is waited for, to complete "timed out waiting for …". */
  readonly what: string;
  readonly intervalMs?: number;
}

/**
 * Calls `attempt` until it neither throws nor returns undefined or false, and resolves to what it returned.
 * Rejects at the deadline (30 s by default) with the last thing that it threw as the cause.
 */
export async function eventually<T>(
  attempt: () => T | undefined | false | Promise<T | undefined | false>,
  options: WaitOptions,
): Promise<T> {
  const { timeoutMs = 30_000, what, intervalMs = 100 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await tried(attempt);
    if ('value' in outcome && outcome.value !== undefined && outcome.value !== false) return outcome.value;
    if (performance.now() > deadline) {
      const detail = 'error' in outcome ? `: ${String(outcome.error)}` : '';
      throw new Error(`timed out after ${timeoutMs} ms waiting for ${what}${detail}`, {
        cause: 'error' in outcome ? outcome.error : undefined,
      });
    }
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
