import type { OciOutcome, OciRuntimes } from '../host/oci-runtime.ts';
import type { Podman } from '../host/podman.ts';
import { type ExecTarget, MAX_OUTPUT, probeExec, timedOut } from './exec-probe.ts';
import type { ProbeOutcome } from './probe-state.ts';

/** Carries out exec probes. */
export type ExecProber = (target: ExecTarget, signal: AbortSignal) => Promise<ProbeOutcome>;

interface Running {
  readonly id: string;
  readonly runtime: string;
}

/**
 * Exec probes through the container's own OCI runtime where that is one we know, which costs an eighth of asking Podman;
 * else through Podman. What runs under a container's name is asked once and again when the runtime doesn't find it.
 */
export function createExecProber(podman: Pick<Podman, 'exec' | 'inspectContainer'>, runtimes: OciRuntimes): ExecProber {
  const known = new Map<string, Running>();
  const find = async (name: string): Promise<Running | undefined> => {
    const facts = await podman.inspectContainer(name);
    if (facts === undefined || !runtimes.knows(facts.runtime ?? '')) known.delete(name);
    else known.set(name, { id: facts.id, runtime: facts.runtime ?? '' });
    return known.get(name);
  };
  return async (target, signal) => {
    const cached = known.get(target.container);
    const current = cached ?? (await find(target.container));
    if (current === undefined) return probeExec(podman, target, signal);
    const attempt = ({ id, runtime }: Running) =>
      runtimes.exec({ id, runtime, command: target.command, maxOutput: MAX_OUTPUT }, signal);
    try {
      return outcomeOf(await attempt(current));
    } catch (error) {
      if (signal.aborted) return timedOut(target);
      const fresh = cached && (await find(target.container));
      // The same container: it is the command that can't be started.
      if (fresh === undefined || fresh.id === current.id) throw error;
      return outcomeOf(await attempt(fresh));
    }
  };
}

function outcomeOf({ status, output }: OciOutcome): ProbeOutcome {
  return { result: status === 0 ? 'success' : 'failure', message: output };
}
