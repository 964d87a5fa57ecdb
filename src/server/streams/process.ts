import { demultiplex } from '../../streams/demultiplex.ts';
import type { PodStreams } from '../../streams/pod-streams.ts';

/** A running process, as `PodStreams` hands it out. */
export type ProcessSession = Awaited<ReturnType<PodStreams['exec']>>;

/** The channels' numbers; SPDY names its streams instead. */
export const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/** A process's output by channel; a terminal has stdout only. */
export async function* outputOf(
  session: ProcessSession,
): AsyncGenerator<{ readonly channel: number; readonly data: Uint8Array }> {
  const chunks = session.stream as AsyncIterable<Uint8Array>;
  if (!session.tty) yield* demultiplex(chunks);
  else for await (const data of chunks) yield { channel: CHANNEL.stdout, data };
}

/** How a session ended: `metav1.Status` as the error channel carries it. */
export interface EndStatus {
  readonly metadata: object;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: object;
  readonly code?: number;
}

/** The end of a process, in the kubelet's words. */
export function statusOfExit(exitCode: number): EndStatus {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

/** The end of a session that broke. */
export function statusOfFailure(error: unknown): EndStatus {
  const message = error instanceof Error ? error.message : String(error);
  return { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 };
}

/** What the error channel says: a Status since v4, text on failure before. */
export function endMessage(protocol: string, status: EndStatus): string {
  const structured = protocol === 'v5.channel.k8s.io' || protocol === 'v4.channel.k8s.io';
  if (structured) return JSON.stringify(status);
  return status.status === 'Failure' ? (status.message ?? '') : '';
}

/** Tells the process about a terminal's new size (`remotecommand.TerminalSize`); nonsense is passed over. */
export function resizeProcess(session: ProcessSession, message: string): void {
  try {
    const { Width: width, Height: height } = JSON.parse(message) as { Width?: unknown; Height?: unknown };
    if (!session.tty || !isSize(width) || !isSize(height)) return;
    // The process may be gone already; nobody is there to be told.
    session.resize({ width, height }).catch(() => {});
  } catch {
    // Not JSON.
  }
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 65_535;
}
