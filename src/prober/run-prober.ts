import type { ServiceManager, UnitState } from '../../systemd/service-manager.ts';
import type { ProbeResults } from '../../translators/formats/probe-results.ts';
import type { CompiledProbe, ContainerProbes, PodProbes } from '../../translators/formats/probes.ts';
import type { OciRuntimes } from '../host/oci-runtime.ts';
import type { Podman } from '../host/podman.ts';
import { type ContainerProber, createContainerProber, type ProbingTools } from './container-prober.ts';
import { type ExecTarget, probeExec } from './exec-probe.ts';
import { probeGrpc } from './grpc-probe.ts';
import { probeHttp } from './http-probe.ts';
import { beginPatience } from './patience.ts';
import { followProbeFiles } from './probe-files.ts';
import type { ContainerRun, ProbeOutcome } from './probe-state.ts';
import { createResultsFiles, type ResultsFiles } from './results-files.ts';
import { createExecProber, type ExecProber } from './runtime-exec.ts';
import { createSchedule } from './schedule.ts';
import { stopContainer } from './stop-container.ts';
import { probeTcp } from './tcp-probe.ts';
import { uptimeMs } from './uptime.ts';

/** What the prober works on. */
export interface ProberOptions {
  /** `/var/lib/quadshift/pods`: `<uid>/probes.json` below it. */
  readonly probesDir: string;
  /** `/run/quadshift/probes` */
  readonly resultsDir: string;
  /** Tells which containers run, and since when. */
  readonly systemd: Pick<ServiceManager, 'peek' | 'watch'>;
  /** Runs exec probes, and stops what fails its liveness. */
  readonly podman: Pick<Podman, 'exec' | 'inspectContainer' | 'stopContainer'>;
  /** Carries out exec probes where it can; else Podman does. */
  readonly runtimes?: OciRuntimes;
  readonly warn?: ProbingTools['warn'];
  readonly signal: AbortSignal;
}

type ProbedPods = Map<string, readonly ContainerProber[]>;

/**
 * Probes every pod that has compiled probes, until aborted: starts and restarts are heard from systemd, results are
 * written for whoever wants to know, and a container that fails liveness or startup is stopped for its unit's
 * Restart= to bring back. Needs neither the API server nor its database. Resolves when it was aborted.
 */
export async function runProber(options: ProberOptions): Promise<void> {
  const { signal, systemd } = options;
  const files = createResultsFiles(options.resultsDir);
  const before = new Map((await files.readAll()).map((results) => [results.uid, results]));
  const tools = probingTools(options);
  const pods: ProbedPods = new Map();

  const look = oneAtATime(async (prober: ContainerProber): Promise<void> => {
    try {
      prober.observe(runOf(await systemd.peek(prober.probes.unit)));
    } catch (error) {
      tools.warn('systemd does not tell about a unit', { unit: prober.probes.unit, err: error });
    }
  });
  const lookAll = (wanted: (service: string) => boolean): void => {
    for (const containers of pods.values()) {
      for (const prober of containers) if (wanted(prober.probes.unit)) void look(prober);
    }
  };

  const forget = (uid: string): void => {
    for (const prober of pods.get(uid) ?? []) prober.close();
    pods.delete(uid);
  };
  const gone = (uid: string): void => {
    forget(uid);
    files.remove(uid).catch((error: unknown) => tools.warn('results could not be deleted', { uid, err: error }));
  };
  const adopt = (probes: PodProbes): void => {
    const known = pods.get(probes.uid)?.map((prober) => [prober.probes.name, prober.results()] as const);
    forget(probes.uid);
    const earlier = known === undefined ? before.get(probes.uid)?.containers : Object.fromEntries(known);
    const changed = (): void => publish(probes.uid, pods, files, tools);
    const containers = probes.containers.map((container) => {
      const key = `${probes.uid}/${container.name}`;
      return createContainerProber(container, { ...tools, key, changed }, earlier?.[container.name]);
    });
    pods.set(probes.uid, containers);
    for (const prober of containers) void look(prober);
    changed();
  };

  // First listen, then look: a start in between is seen twice rather than never.
  await systemd.watch('qs-', (unit) => lookAll((service) => unit === '' || unit === service), { signal });
  await followProbeFiles(options.probesDir, { changed: adopt, gone, warn: tools.warn }, signal);
  for (const uid of before.keys()) if (!pods.has(uid)) await files.remove(uid);
  await aborted(signal);
  for (const uid of [...pods.keys()]) forget(uid);
  tools.schedule.close();
}

function publish(uid: string, pods: ProbedPods, files: ResultsFiles, { warn }: Pick<ProbingTools, 'warn'>): void {
  const probers = pods.get(uid) ?? [];
  const containers: ProbeResults['containers'] = Object.fromEntries(
    probers.map((prober) => [prober.probes.name, prober.results()]),
  );
  files.write({ uid, containers }).catch((error: unknown) => warn('results could not be written', { uid, err: error }));
}

/** What is asked for a key while its action runs is done once more afterwards: hints come in salvos. */
function oneAtATime<K>(action: (key: K) => Promise<void>): (key: K) => Promise<void> {
  const askedAgain = new Map<K, boolean>();
  return async (key) => {
    if (askedAgain.has(key)) {
      askedAgain.set(key, true);
      return;
    }
    do {
      askedAgain.set(key, false);
      await action(key);
    } while (askedAgain.get(key) === true);
    askedAgain.delete(key);
  };
}

/** The run that a unit is in; undefined unless its process is there. */
function runOf(state: UnitState | undefined): ContainerRun | undefined {
  const isRunning = state?.activeState === 'active' && state.mainPid !== 0;
  return isRunning ? { id: state.invocationId, startedAt: state.execMainStartTimestampMonotonic / 1_000 } : undefined;
}

function probingTools({ podman, runtimes, warn = () => undefined }: ProberOptions): ProbingTools {
  const exec: ExecProber =
    runtimes === undefined ? (target, signal) => probeExec(podman, target, signal) : createExecProber(podman, runtimes);
  return {
    schedule: createSchedule(),
    now: uptimeMs,
    random: Math.random,
    warn,
    probe: (container, probe) => runProbe(exec, container, probe),
    stop: (container, graceSeconds) => stopContainer(podman, container, graceSeconds),
  };
}

async function runProbe(exec: ExecProber, container: ContainerProbes, probe: CompiledProbe): Promise<ProbeOutcome> {
  const ms = probe.timeoutSeconds * 1_000;
  try {
    switch (probe.action.type) {
      case 'http':
        return await probeHttp(probe.action, ms);
      case 'tcp':
        return await probeTcp(probe.action, ms);
      case 'grpc':
        return await probeGrpc(probe.action, ms);
      case 'exec':
        return await probeByCommand(exec, { container: container.podmanName, command: probe.action.command }, ms);
      default:
        probe.action satisfies never;
        return { result: 'unknown', message: 'this probe is of a kind that the prober does not know' };
    }
  } catch (error) {
    return { result: 'unknown', message: String(error) };
  }
}

async function probeByCommand(exec: ExecProber, target: ExecTarget, ms: number): Promise<ProbeOutcome> {
  const timeout = new AbortController();
  const stopWaiting = beginPatience(ms, () => timeout.abort(new DOMException('the time is up', 'TimeoutError')));
  try {
    return await exec(target, timeout.signal);
  } finally {
    stopWaiting();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
