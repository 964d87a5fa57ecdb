/** Something that was recommended or done, and when: ms since the epoch. */
export interface Dated {
  readonly replicas: number;
  readonly at: number;
}

/**
 * What an autoscaler remembers: recommendations and changes of size. As upstream's, it lives in memory: after a restart
 * the present size is the first recommendation.
 */
export interface History {
  readonly recommendations: readonly Dated[];
  /** How many pods were added, and removed. */
  readonly ups: readonly Dated[];
  readonly downs: readonly Dated[];
}

/** The longest window and period that a behavior may have. */
const LONGEST_MS = 3_600_000;

/** A history that begins with the present size. */
export function beginHistory(replicas: number, now: number): History {
  return { recommendations: [{ replicas, at: now }], ups: [], downs: [] };
}

/** Those of the last hour. What a clock that was put back has left in the future is forgotten. */
function recent(entries: readonly Dated[], now: number): readonly Dated[] {
  return entries.filter(({ at }) => at > now - LONGEST_MS && at <= now);
}

/** The history with one more recommendation; what nobody asks for any more is dropped. */
export function withRecommendation(history: History, replicas: number, now: number): History {
  return { ...history, recommendations: [...recent(history.recommendations, now), { replicas, at: now }] };
}

/** The history with one more change of size. */
export function withChange(
  history: History,
  { from, to }: { readonly from: number; readonly to: number },
  now: number,
): History {
  const change = { replicas: Math.abs(to - from), at: now };
  const [ups, downs] = [recent(history.ups, now), recent(history.downs, now)];
  return to > from ? { ...history, ups: [...ups, change], downs } : { ...history, ups, downs: [...downs, change] };
}
