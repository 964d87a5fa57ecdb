import type { HorizontalPodAutoscaler } from '../../kinds/types.ts';
import type { Dated, History } from './history.ts';

type Behavior = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['behavior']>;
type Rules = NonNullable<Behavior['scaleUp']>;
type Policy = NonNullable<Rules['policies']>[number];

/** What bounds a recommendation. */
export interface LimitInput {
  readonly behavior: Behavior | undefined;
  readonly history: History;
  readonly current: number;
  /** The recommendation. */
  readonly wanted: number;
  readonly min: number;
  readonly max: number;
  /** ms since the epoch. */
  readonly now: number;
}

/** A condition's words; `limited` where the recommendation was not taken as it is. */
export interface Limited {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

/** Without a behavior a scale-down waits this long. */
const DOWNSCALE_MS = 300_000;
/** Without a behavior the size doubles at most, or grows to this. */
const SCALE_UP_MINIMUM = 4;

const UP_STABILIZED = 'recent recommendations were lower than current one, applying the lowest recent recommendation';
const DOWN_STABILIZED =
  'recent recommendations were higher than current one, applying the highest recent recommendation';
const TOO_FAST_UP = 'the desired replica count is increasing faster than the maximum scale rate';
const TOO_FAST_DOWN = 'the desired replica count is decreasing faster than the maximum scale rate';
const TOO_MANY = 'the desired replica count is more than the maximum replica count';
const TOO_FEW = 'the desired replica count is less than the minimum replica count';
const IN_RANGE = 'the desired count is within the acceptable range';

function within(entries: readonly Dated[], since: number): readonly number[] {
  return entries.filter(({ at }) => at > since).map(({ replicas }) => replicas);
}

function stabilizedByBehavior({ behavior, history, current, wanted, now }: LimitInput): number {
  const since = (rules: Rules | undefined, standard: number): number =>
    now - (rules?.stabilizationWindowSeconds ?? standard) * 1000;
  const up = Math.min(wanted, ...within(history.recommendations, since(behavior?.scaleUp, 0)));
  const down = Math.max(wanted, ...within(history.recommendations, since(behavior?.scaleDown, DOWNSCALE_MS / 1000)));
  return Math.min(Math.max(current, up), down);
}

/** The recommendation in the light of recent ones; the words are those of the AbleToScale condition. Pure. */
export function stabilize(input: LimitInput): Limited {
  const { behavior, history, current, wanted, now } = input;
  const replicas =
    behavior === undefined
      ? Math.max(wanted, ...within(history.recommendations, now - DOWNSCALE_MS - 1))
      : stabilizedByBehavior(input);
  if (replicas === wanted) {
    return { replicas, reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
  }
  const isUp = behavior !== undefined && wanted >= current;
  return isUp
    ? { replicas, reason: 'ScaleUpStabilized', message: UP_STABILIZED }
    : { replicas, reason: 'ScaleDownStabilized', message: DOWN_STABILIZED };
}

function sizeAtStart({ periodSeconds }: Policy, { history, current, now }: LimitInput): number {
  const changed = (entries: readonly Dated[]): number =>
    within(entries, now - periodSeconds * 1000).reduce((sum, replicas) => sum + replicas, 0);
  return current - changed(history.ups) + changed(history.downs);
}

function proposal(policy: Policy, input: LimitInput, direction: 1 | -1): number {
  const start = sizeAtStart(policy, input);
  if (policy.type === 'Pods') return start + direction * policy.value;
  const changed = start * (1 + (direction * policy.value) / 100);
  // Rounded so that a small percentage of few pods is a change too.
  return direction === 1 ? Math.ceil(changed) : Math.trunc(changed);
}

/** How far the rules let the size change now. */
function rateLimit(rules: Rules | undefined, input: LimitInput, direction: 1 | -1): number {
  if (rules?.selectPolicy === 'Disabled') return input.current;
  const proposals = (rules?.policies ?? []).map((policy) => proposal(policy, input, direction));
  const isLargest = (rules?.selectPolicy === 'Min') === (direction === -1);
  return isLargest ? Math.max(...proposals) : Math.min(...proposals);
}

function upward(input: LimitInput, limit: number): Limited | undefined {
  const { wanted, max } = input;
  if (wanted <= Math.min(max, limit)) return undefined;
  if (max > limit) return { replicas: limit, reason: 'ScaleUpLimit', message: TOO_FAST_UP };
  return { replicas: max, reason: 'TooManyReplicas', message: TOO_MANY };
}

function downward({ wanted, min }: LimitInput, limit: number): Limited | undefined {
  if (wanted >= Math.max(min, limit)) return undefined;
  if (min < limit) return { replicas: limit, reason: 'ScaleDownLimit', message: TOO_FAST_DOWN };
  return { replicas: min, reason: 'TooFewReplicas', message: TOO_FEW };
}

function byBehavior(behavior: Behavior, input: LimitInput): Limited | undefined {
  const { wanted, current } = input;
  if (wanted > current) return upward(input, Math.max(current, rateLimit(behavior.scaleUp, input, 1)));
  if (wanted < current) return downward(input, Math.min(current, rateLimit(behavior.scaleDown, input, -1)));
  return undefined;
}

/** The recommendation within what the bounds and rates allow; the words are those of ScalingLimited. Pure. */
export function limit(input: LimitInput): Limited {
  const { behavior, current, wanted } = input;
  const found =
    behavior === undefined
      ? (downward(input, Number.NEGATIVE_INFINITY) ?? upward(input, Math.max(2 * current, SCALE_UP_MINIMUM)))
      : byBehavior(behavior, input);
  return found ?? { replicas: wanted, reason: 'DesiredWithinRange', message: IN_RANGE };
}
