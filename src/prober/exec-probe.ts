import type { Podman } from '../host/podman.ts';
import { demultiplex } from '../streams/demultiplex.ts';
import type { ProbeOutcome } from './probe-state.ts';

/** Of a command's output, as much as the kubelet keeps. */
export const MAX_OUTPUT = 10 * 1024;

/** A command in a container. */
export interface ExecTarget {
  readonly container: string;
  readonly command: readonly string[];
}

/**
 * An exec probe through Podman's API, so that the prober itself needs no right to enter containers: status 0 is
 * success. What Podman can't carry out says nothing about the application.
 */
export async function probeExec(
  podman: Pick<Podman, 'exec'>,
  { container, command }: ExecTarget,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const streams = { tty: false, stdin: false, stdout: true, stderr: true };
  const session = await podman.exec(container, { command, ...streams });
  const stop = (): void => void session.stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const message = await readOutput(session.stream);
    const status = await session.exitCode();
    if (!signal.aborted) return { result: status === 0 ? 'success' : 'failure', message };
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
  return timedOut({ command });
}

/** What the kubelet makes of a command that takes too long. */
export function timedOut({ command }: Pick<ExecTarget, 'command'>): ProbeOutcome {
  return { result: 'failure', message: `command timed out: "${command.join(' ')}"` };
}

async function readOutput(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const { data } of demultiplex(stream)) {
    if (size < MAX_OUTPUT) chunks.push(data);
    size += data.length;
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, MAX_OUTPUT);
}
