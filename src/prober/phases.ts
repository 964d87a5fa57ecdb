import type { CompiledProbe } from '../../translators/formats/probes.ts';

/** Periods from so many seconds on, and the ms between the moments at which their probes are due. */
const MOMENTS = [
  { fromSeconds: 10, everyMs: 1_000 },
  { fromSeconds: 5, everyMs: 500 },
  { fromSeconds: 1, everyMs: 250 },
] as const;

/**
 * When a probe that is wanted at `due` (ms of the monotonic clock) is carried out: never earlier, and for probes over the
 * network a little later, at a moment that it shares with those of other containers. To be woken up for one alone costs
 * more than the probe does. Commands are left where they are, as each is a process: better one after the other.
 */
export function momentOf(due: number, { action, periodSeconds }: CompiledProbe): number {
  if (action.type === 'exec') return due;
  const everyMs = MOMENTS.find(({ fromSeconds }) => periodSeconds >= fromSeconds)?.everyMs;
  return everyMs === undefined ? due : Math.ceil(due / everyMs) * everyMs;
}
