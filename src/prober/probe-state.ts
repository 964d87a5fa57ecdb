import type { ContainerProbeResults, ProbeIncidentRecord } from '../../translators/formats/probe-results.ts';
import type { ContainerProbes } from '../../translators/formats/probes.ts';
import type { ProbeKind } from './probe-kinds.ts';

/** A run of a container; undefined while it doesn't run. */
export interface ContainerRun {
  /** Invocation id of its unit. */
  readonly id: string;
  /** ms of the monotonic clock */
  readonly startedAt: number;
}

/** What a probe came to. `unknown`: it could not be carried out, which says nothing about the container. */
export interface ProbeOutcome {
  readonly result: 'success' | 'failure' | 'unknown';
  readonly message: string;
  /** What is worth an Event though it succeeded. */
  readonly warning?: string;
}

/** Consecutive equal results of one probe. */
interface Streak {
  readonly succeeded: boolean;
  readonly length: number;
}

/** A container as the prober sees it. A value: every step makes a new one. */
export interface ContainerState {
  readonly run: ContainerRun | undefined;
  readonly started: boolean;
  readonly probedReady: boolean;
  /** A restart was asked for; nothing is probed until there is a new run. */
  readonly onHold: boolean;
  readonly streaks: { readonly [kind in ProbeKind]?: Streak };
  readonly lastMessage: string;
  readonly incidents: readonly ProbeIncidentRecord[];
}

const KEPT_INCIDENTS = 10;

/** A container that nobody has looked at. */
export const UNSEEN: ContainerState = {
  run: undefined,
  started: false,
  probedReady: false,
  onHold: false,
  streaks: {},
  lastMessage: '',
  incidents: [],
};

/** The state that an earlier prober left behind: a restart of ours must not make a ready container unready. */
export function restoredState(results: ContainerProbeResults): ContainerState {
  const { run, started, ready, lastMessage, incidents } = results;
  if (run === '') return { ...UNSEEN, incidents };
  return { ...UNSEEN, run: { id: run, startedAt: 0 }, started, probedReady: ready, lastMessage, incidents };
}

/** The container runs, runs anew, or doesn't. A new run begins with nothing proven. */
export function withRun(state: ContainerState, probes: ContainerProbes, run: ContainerRun | undefined): ContainerState {
  if (run !== undefined && run.id === state.run?.id) return { ...state, run };
  const fresh = { ...UNSEEN, run, incidents: state.incidents };
  return run === undefined ? fresh : { ...fresh, started: probes.startup === undefined };
}

/** Whether a probe of this kind is due at all: startup until it succeeded, the others from then on. */
export function wantsProbe(state: ContainerState, kind: ProbeKind): boolean {
  if (state.run === undefined || state.onHold) return false;
  return kind === 'startup' ? !state.started : state.started;
}

/** What an outcome leads to. `restart`: the kubelet would kill the container now. */
export interface Verdict {
  readonly state: ContainerState;
  readonly restart: boolean;
}

/** Counts an outcome, as the kubelet's prober does (thresholds in a row; liveness and startup restart). */
export function withOutcome(
  state: ContainerState,
  probes: ContainerProbes,
  { kind, outcome }: { readonly kind: ProbeKind; readonly outcome: ProbeOutcome },
): Verdict {
  const probe = probes[kind];
  if (probe === undefined || outcome.result === 'unknown' || !wantsProbe(state, kind)) return { state, restart: false };
  const succeeded = outcome.result === 'success';
  const streak = extended(state.streaks[kind], succeeded);
  const counted = noted({ ...state, streaks: { ...state.streaks, [kind]: streak } }, kind, outcome);
  if (streak.length < (succeeded ? probe.successThreshold : probe.failureThreshold)) {
    return { state: counted, restart: false };
  }
  return succeeded ? { state: proven(counted, kind), restart: false } : failed(counted, kind, probes.name);
}

function extended(before: Streak | undefined, succeeded: boolean): Streak {
  return before?.succeeded === succeeded ? { succeeded, length: before.length + 1 } : { succeeded, length: 1 };
}

function proven(state: ContainerState, kind: ProbeKind): ContainerState {
  if (kind === 'startup') return { ...state, started: true };
  return kind === 'readiness' ? { ...state, probedReady: true } : state;
}

function failed(state: ContainerState, kind: ProbeKind, container: string): Verdict {
  if (kind === 'readiness') return { state: { ...state, probedReady: false }, restart: false };
  const message = `Container ${container} failed ${kind} probe, will be restarted`;
  const held = { ...state, onHold: true, streaks: {} };
  return { state: withIncident(held, { type: 'Normal', reason: 'Killing', message }), restart: true };
}

/** A failure is an Event even below the threshold. */
function noted(state: ContainerState, kind: ProbeKind, outcome: ProbeOutcome): ContainerState {
  if (outcome.warning !== undefined) {
    const message = `${capitalized(kind)} probe warning: ${outcome.warning}`;
    return withIncident(state, { type: 'Warning', reason: 'ProbeWarning', message });
  }
  if (outcome.result !== 'failure') return state;
  const message = `${capitalized(kind)} probe failed: ${outcome.message}`;
  return withIncident({ ...state, lastMessage: message }, { type: 'Warning', reason: 'Unhealthy', message });
}

function withIncident(state: ContainerState, incident: Omit<ProbeIncidentRecord, 'sequence'>): ContainerState {
  const sequence = (state.incidents.at(-1)?.sequence ?? 0) + 1;
  return { ...state, incidents: [...state.incidents, { sequence, ...incident }].slice(-KEPT_INCIDENTS) };
}

const capitalized = (kind: ProbeKind): string => `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;

/** Whether `resultsOf` is the same for both, without making it: after most probes it is. */
export function tellsTheSame(one: ContainerState, other: ContainerState): boolean {
  return (
    one.run?.id === other.run?.id &&
    one.started === other.started &&
    one.probedReady === other.probedReady &&
    one.lastMessage === other.lastMessage &&
    one.incidents === other.incidents
  );
}

/** What the rest of the system is told. */
export function resultsOf(state: ContainerState, probes: ContainerProbes): ContainerProbeResults {
  const isStarted = state.run !== undefined && state.started;
  return {
    run: state.run?.id ?? '',
    started: isStarted,
    ready: isStarted && (probes.readiness === undefined || state.probedReady),
    lastMessage: state.lastMessage,
    incidents: state.incidents,
  };
}
