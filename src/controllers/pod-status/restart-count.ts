import type { UnitState } from '../../../systemd/service-manager.ts';
import type { ContainerStatus, Pod } from '../../kinds/types.ts';
import { timeOf } from '../clock.ts';

/**
 * How restarts are counted, so that the number survives restarts of quadshift, of the pod and of the host.
 *
 * systemd counts a unit's automatic restarts (NRestarts) from its last start by a job, exactly and without us. All
 * units of a pod are started by jobs together, with the infra unit. So: count = base + NRestarts, where the base of
 * the pod's first start is 0 and that of each later start is one more than the count before it. Bases other than 0 are
 * kept in an annotation together with the infra unit's invocation that they belong to; a pod that was started once has
 * no annotation. What is lost: automatic restarts while quadshift was away, if the pod was started anew by a job
 * before it came back. A restart of a single unit by a job is recognized by its new container or start time.
 */
export const RESTARTS_ANNOTATION = 'quadshift.io/restarts';

/** Content of the annotation. */
export interface RestartBases {
  /** Invocation of the infra unit. */
  readonly invocation: string;
  readonly bases: { readonly [container: string]: number };
}

/** The bases that a pod carries; undefined for one that was started once. */
export function parseRestartBases(pod: Pod): RestartBases | undefined {
  const text = pod.metadata?.annotations?.[RESTARTS_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const { invocation, bases } = value as Partial<RestartBases>;
    return typeof invocation === 'string' && typeof bases === 'object' ? { invocation, bases } : undefined;
  } catch {
    return undefined;
  }
}

function allStatuses(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
}

/** When the container was last known to start, in ms; 0 when it never was. */
function lastStart({ state, lastState }: ContainerStatus): number {
  const times = [state?.running?.startedAt, state?.terminated?.startedAt, lastState?.terminated?.startedAt];
  return Math.max(...times.map(timeOf));
}

/** Times in a status have whole seconds; the infra unit starts before its containers. */
const TOLERANCE_MS = 1000;

function isLaterStart(pod: Pod, known: RestartBases | undefined, infra: UnitState): boolean {
  if (known !== undefined) return known.invocation !== infra.invocationId;
  const last = Math.max(0, ...allStatuses(pod).map(lastStart));
  return last > 0 && infra.activeEnterTimestamp / 1000 > last + TOLERANCE_MS;
}

/** The bases for the infra unit's present run: those known, or new ones when the pod was started again. */
export function currentBases(pod: Pod, infra: UnitState | undefined): RestartBases | undefined {
  const known = parseRestartBases(pod);
  if (infra === undefined || infra.invocationId === '' || infra.activeState !== 'active') return known;
  if (!isLaterStart(pod, known, infra)) return known;
  const started = allStatuses(pod).filter((status) => lastStart(status) > 0);
  const bases = Object.fromEntries(started.map(({ name, restartCount }) => [name, restartCount + 1]));
  return { invocation: infra.invocationId, bases };
}

/** What a container's count is made of. */
export interface RestartInput {
  readonly old: ContainerStatus | undefined;
  readonly base: number;
  readonly unit: UnitState | undefined;
  /** Restarts with all others of the pod, and those of systemd before them. */
  readonly byRules?: number;
  /** Whether another instance runs now than the one last seen running. */
  readonly isNewInstance: boolean;
  /** Whether it doesn't run. */
  readonly isWaiting: boolean;
}

/** systemd counts a restart when it begins, with the pause before it; the kubelet when the container is there. */
function isStarting({ activeState, subState, nRestarts }: UnitState): boolean {
  return activeState === 'activating' && subState !== 'auto-restart' && nRestarts > 0;
}

/**
 * The unit with the count of its pod's present life: one that waits for its start in it, as long as its last pause goes on, has still
 * that of the former.
 */
export function ofThisLife(unit: UnitState | undefined, infra: UnitState | undefined): UnitState | undefined {
  if (unit === undefined || infra?.activeState !== 'active') return unit;
  return unit.execMainStartTimestamp < infra.activeEnterTimestamp ? { ...unit, nRestarts: 0 } : unit;
}

/** A container's restart count; never falls. */
export function restartCount({ old, base, unit, byRules = 0, isNewInstance, isWaiting }: RestartInput): number {
  const before = old?.restartCount ?? 0;
  const counted = unit === undefined ? 0 : base + byRules + unit.nRestarts - (isWaiting && isStarting(unit) ? 1 : 0);
  return counted > before ? counted : before + (isNewInstance ? 1 : 0);
}
