import { setTimeout as delay } from 'node:timers/promises';
import { jsonLines } from './json-lines.ts';
import type { LibpodClient } from './libpod-client.ts';
import { type EventLine, podmanEventOf } from './libpod-facts.ts';
import type { PodmanEvent } from './podman.ts';

/** How events are followed. */
export interface WatchEventsOptions {
  readonly signal: AbortSignal;
  /** Delay before the n-th attempt in a row, ms. */
  readonly backOff: (attempt: number) => number;
}

const RECONNECTED: PodmanEvent = { type: 'other', action: 'reconnect', id: '', name: '', attributes: {} };

/**
 * Calls `listener` for each event until aborted. Resolves when events flow, or after the first attempt failed;
 * later attempts go on behind the scenes, and the first that succeeds after a gap is told as `reconnect`.
 */
export function watchEvents(
  client: LibpodClient,
  listener: (event: PodmanEvent) => void,
  options: WatchEventsOptions,
): Promise<void> {
  const { promise: firstAttempt, resolve: firstAttemptDone } = Promise.withResolvers<void>();
  follow(client, listener, options, firstAttemptDone).catch(() => undefined);
  return firstAttempt;
}

async function follow(
  client: LibpodClient,
  listener: (event: PodmanEvent) => void,
  { signal, backOff }: WatchEventsOptions,
  attempted: () => void,
): Promise<void> {
  for (let attempt = 0, gap = false; !signal.aborted; gap = true, attempt += 1) {
    try {
      const stream = await client.stream({ method: 'GET', path: '/events', query: { stream: true }, signal });
      if (gap) listener(RECONNECTED);
      attempt = 0;
      attempted();
      for await (const line of jsonLines(stream)) listener(podmanEventOf(line as EventLine));
    } catch {
      // A hint that is missed is made good by the one that follows the reconnect.
    }
    attempted();
    if (!signal.aborted) await delay(backOff(attempt), undefined, { signal, ref: false });
  }
}
