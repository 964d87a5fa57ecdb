import type { ContainerProbeResults } from '../../translators/formats/probe-results.ts';
import type { CompiledProbe, ContainerProbes } from '../../translators/formats/probes.ts';
import { momentOf } from './phases.ts';
import { PROBE_KINDS, type ProbeKind } from './probe-kinds.ts';
import {
  type ContainerRun,
  type ContainerState,
  type ProbeOutcome,
  restoredState,
  resultsOf,
  tellsTheSame,
  UNSEEN,
  wantsProbe,
  withOutcome,
  withRun,
} from './probe-state.ts';
import type { Schedule } from './schedule.ts';

/** What probing needs from outside. */
export interface ProbingTools {
  readonly schedule: Schedule;
  /** ms of the monotonic clock: setting the time of day neither hurries probes nor holds them up */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Carries out a probe within its timeout. Never rejects. */
  probe(container: ContainerProbes, probe: CompiledProbe): Promise<ProbeOutcome>;
  /** Stops a container, so that its unit's Restart= brings it back. */
  stop(container: ContainerProbes, graceSeconds: number): Promise<void>;
  /** Something went wrong that isn't the container's fault. */
  warn(message: string, fields: { readonly [name: string]: unknown }): void;
}

/** Probes one container for as long as it is wanted. */
export interface ContainerProber {
  readonly probes: ContainerProbes;
  /** It runs (anew), or it doesn't. */
  observe(run: ContainerRun | undefined): void;
  results(): ContainerProbeResults;
  close(): void;
}

/** Between the first two times that a container which isn't up yet is asked eagerly. */
const FIRST_PAUSE_MS = 20;

/** A prober that waits for the container's first `observe`. `changed` is called whenever results differ. */
export function createContainerProber(
  probes: ContainerProbes,
  tools: ProbingTools & { readonly key: string; readonly changed: () => void },
  before?: ContainerProbeResults,
): ContainerProber {
  const { schedule, now } = tools;
  let state = before === undefined ? UNSEEN : restoredState(before);
  let closed = false;
  const keyOf = (kind: ProbeKind): string => `${tools.key}/${kind}`;
  const eagerKeyOf = (kind: ProbeKind): string => `${keyOf(kind)}/eager`;
  const cancelAll = (): void => {
    for (const kind of PROBE_KINDS) for (const key of [keyOf(kind), eagerKeyOf(kind)]) schedule.cancel(key);
  };
  /** The run in which somebody asks eagerly, or need not. A run that was ready before needs no hurry. */
  const eagerIn: { [kind in ProbeKind]?: string | undefined } = state.probedReady ? { readiness: state.run?.id } : {};
  const become = (next: ContainerState): void => {
    const differs = !tellsTheSame(state, next);
    state = next;
    if (differs) tools.changed();
  };

  const planExactly = (kind: ProbeKind, due: number): void => schedule.set(keyOf(kind), due, () => void run(kind, due));
  const plan = (kind: ProbeKind, probe: CompiledProbe, due: number): void => planExactly(kind, momentOf(due, probe));

  const planFirst = (): void => {
    for (const kind of PROBE_KINDS) {
      const probe = probes[kind];
      if (probe !== undefined && !schedule.has(keyOf(kind)) && wantsProbe(state, kind)) planFirstOf(kind, probe);
    }
  };

  /**
   * The kubelet's first probe comes at any time within the period after the initial delay. Here it counts at the end of
   * that time, so that no failure counts against a container which the kubelet would have given the time to come up.
   */
  const planFirstOf = (kind: ProbeKind, probe: CompiledProbe): void => {
    const due = (state.run?.startedAt ?? 0) + probe.initialDelaySeconds * 1_000;
    const periodMs = probe.periodSeconds * 1_000;
    // Whoever is late has come after the container: all pods at once, after a restart of ours. Spread them out.
    if (now() - due > periodMs) plan(kind, probe, now() + tools.random() * Math.min(10_000, periodMs));
    else if (probe.successThreshold > 1) planExactly(kind, due);
    else {
      plan(kind, probe, due + periodMs);
      if (kind !== 'liveness') planEager(kind, probe, due);
    }
  };

  const run = async (kind: ProbeKind, due: number): Promise<void> => {
    const probe = probes[kind];
    const outcome = await outcomeOf(kind);
    if (probe === undefined || outcome === undefined) return;
    if (outcome.result === 'unknown') warnUnknown(kind, outcome.message);
    await count(kind, probe, { outcome, next: due + probe.periodSeconds * 1_000 });
  };

  /** Undefined when nobody wants to know any more. */
  const outcomeOf = async (kind: ProbeKind): Promise<ProbeOutcome | undefined> => {
    const probe = probes[kind];
    const runId = state.run?.id;
    if (closed || probe === undefined || !wantsProbe(state, kind)) return undefined;
    const outcome = await tools.probe(probes, probe);
    return closed || state.run?.id !== runId || !wantsProbe(state, kind) ? undefined : outcome;
  };

  const count = async (
    kind: ProbeKind,
    probe: CompiledProbe,
    { outcome, next }: { readonly outcome: ProbeOutcome; readonly next: number },
  ): Promise<void> => {
    if (outcome.result === 'success') eagerIn[kind] = state.run?.id;
    const wasStarted = state.started;
    const verdict = withOutcome(state, probes, { kind, outcome });
    become(verdict.state);
    if (verdict.restart) return stop(probe);
    if (wantsProbe(state, kind)) plan(kind, probe, Math.max(now(), next));
    if (!wasStarted && state.started) planStarted();
  };

  /**
   * A container that isn't up yet is asked sooner than its period says, ever less often, until its first success: once
   * per run, and only success counts, so that thresholds and Events are as if nobody had asked.
   */
  const planEager = (kind: ProbeKind, probe: CompiledProbe, due: number): void => {
    if (eagerIn[kind] === state.run?.id) return;
    eagerIn[kind] = state.run?.id;
    askEagerly(kind, probe, { due, pauseMs: FIRST_PAUSE_MS });
  };

  const askEagerly = (
    kind: ProbeKind,
    probe: CompiledProbe,
    { due, pauseMs }: { readonly due: number; readonly pauseMs: number },
  ): void => schedule.set(eagerKeyOf(kind), due, () => void runEager(kind, probe, pauseMs));

  const runEager = async (kind: ProbeKind, probe: CompiledProbe, pauseMs: number): Promise<void> => {
    if (kind === 'readiness' && state.probedReady) return;
    const outcome = await outcomeOf(kind);
    if (outcome === undefined) return;
    const periodMs = probe.periodSeconds * 1_000;
    if (outcome.result === 'success') await count(kind, probe, { outcome, next: now() + periodMs });
    else if (pauseMs < periodMs) askEagerly(kind, probe, { due: now() + pauseMs, pauseMs: pauseMs * 2 });
  };

  /** The other probes begin at once: what has started is up. */
  const planStarted = (): void => {
    for (const kind of ['liveness', 'readiness'] as const) if (probes[kind] !== undefined) planExactly(kind, now());
  };

  const warnUnknown = (kind: ProbeKind, message: string): void =>
    tools.warn('a probe could not be carried out', { unit: probes.unit, probe: kind, reason: message });

  const stop = async (probe: CompiledProbe): Promise<void> => {
    const runId = state.run?.id;
    try {
      await tools.stop(probes, probe.terminationGracePeriodSeconds);
    } catch (error) {
      tools.warn('a container could not be stopped', { unit: probes.unit, err: error });
      if (closed || state.run?.id !== runId) return;
      // Try again when the thresholds are reached again.
      become({ ...state, onHold: false });
      for (const kind of PROBE_KINDS) {
        const again = probes[kind];
        if (again !== undefined && wantsProbe(state, kind)) plan(kind, again, now() + again.periodSeconds * 1_000);
      }
    }
  };

  return {
    probes,
    observe: (observed) => {
      if (closed) return;
      if (observed?.id !== state.run?.id) cancelAll();
      become(withRun(state, probes, observed));
      planFirst();
    },
    results: () => resultsOf(state, probes),
    close: () => {
      closed = true;
      cancelAll();
    },
  };
}
