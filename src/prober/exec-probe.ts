import { execFile } from 'node:child_process';
import type { ProbeOutcome } from './probe-state.ts';

/** Of a command's output, as much as the kubelet keeps. */
const MAX_OUTPUT = 10 * 1024;
/** podman's own failure (no such container, not running): nothing was learnt about the application. */
const PODMAN_FAILED = 125;

/** An exec probe: `podman exec` of an argument vector; 0 is success. `podman` is the program. */
export function probeExec(
  podman: string,
  { container, command }: { readonly container: string; readonly command: readonly string[] },
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  const options = { signal, killSignal: 'SIGKILL', maxBuffer: 16 * MAX_OUTPUT, encoding: 'utf8' } as const;
  execFile(podman, ['exec', container, ...command], options, (error, stdout, stderr) => {
    const output = `${stdout}${stderr}`.slice(0, MAX_OUTPUT);
    if (error === null) resolve({ result: 'success', message: output });
    else if (signal.aborted) resolve({ result: 'failure', message: `command timed out: "${command.join(' ')}"` });
    else if (typeof error.code !== 'number') resolve({ result: 'unknown', message: error.message });
    else resolve({ result: error.code === PODMAN_FAILED ? 'unknown' : 'failure', message: output });
  });
  return promise;
}
