import type { Journal } from '../../systemd/journal.ts';
import type { Podman, PodmanError, ProcessSession } from '../host/podman.ts';
import type { Pod } from '../kinds/types.ts';
import { badRequest, internalError, type StatusError } from '../machinery/status-error.ts';
import { findLogInstance } from './log-instance.ts';
import { logLines } from './log-lines.ts';
import { chooseContainer, podmanNameOf } from './pod-container.ts';
import type { ExecRequest, LogOptions, PodStreams } from './pod-streams.ts';
import { dialPod } from './port-dial.ts';
import { readLogs } from './read-logs.ts';
import { untilEnded } from './until-ended.ts';

/** The drivers behind pods' streams. */
export interface PodStreamsOptions {
  readonly podman: Podman;
  readonly journal: Journal;
  /** ms since the epoch; the system's clock unless told. */
  readonly now?: () => number;
}

/** Logs from the journal, exec and attach through Podman, port-forward by TCP: `PodStreams` of this host. */
export function createPodStreams({ podman, journal, now = Date.now }: PodStreamsOptions): PodStreams {
  const sources = { podman, journal, now };
  return {
    logs: (pod, options, signal) => logs(sources, { pod, options, signal }),
    exec: (pod, request) => {
      const { command, tty, stdin, stdout, stderr } = request;
      return open(pod, request, (name) => podman.exec(name, { command, tty, stdin, stdout, stderr }));
    },
    attach: (pod, request) =>
      open(pod, request, async (name, container) => {
        const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
        const all = [...containers, ...initContainers, ...ephemeralContainers];
        const spec = all.find((candidate) => candidate.name === container);
        return attached(await podman.attach(name, { tty: spec?.tty ?? false, stdin: request.stdin }));
      }),
    portForward: (pod, port) => dialPod(pod, port),
  };
}

/** Attaching ends well however the container does: its status is the pod's to tell, as under the kubelet. */
function attached(session: ProcessSession): ProcessSession {
  const exitCode = async (): Promise<number> => {
    await session.exitCode();
    return 0;
  };
  return { ...session, exitCode };
}

type Sources = Required<PodStreamsOptions>;

interface LogRequest {
  readonly pod: Pod;
  readonly options: LogOptions;
  readonly signal: AbortSignal;
}

/** What can be refused is refused at once, before the first byte is asked for. */
function logs(sources: Sources, request: LogRequest): AsyncIterable<Uint8Array> {
  const { pod, options } = request;
  const container = chooseContainer(pod, options.container);
  const instance = findLogInstance(pod, container, options.previous ?? false);
  const follow = (options.follow ?? false) && instance.running;
  const query = {
    podmanName: podmanNameOf(pod, container),
    instance,
    created: microseconds(pod.metadata?.creationTimestamp),
    since: sinceOf(options, sources.now()),
    tailLines: options.tailLines,
    stream: options.stream,
    follow,
  };
  const style = { timestamps: options.timestamps ?? false, limitBytes: options.limitBytes };
  if (!follow) return logLines(readLogs(sources.journal, query, request.signal), style);
  return followed(sources, query, { style, signal: request.signal });
}

async function* followed(
  { podman, journal }: Sources,
  query: Parameters<typeof readLogs>[1],
  { style, signal }: { readonly style: Parameters<typeof logLines>[1]; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const ending = untilEnded(podman, query.instance.id ?? query.podmanName, signal);
  try {
    yield* logLines(readLogs(journal, query, ending.signal), style);
  } finally {
    ending.stop();
  }
}

function sinceOf({ sinceSeconds, sinceTime }: LogOptions, now: number): number | undefined {
  if (sinceSeconds !== undefined) return (now - sinceSeconds * 1000) * 1000;
  return sinceTime === undefined ? undefined : microseconds(sinceTime);
}

function microseconds(time: string | undefined): number {
  const parsed = Date.parse(time ?? '');
  return Number.isNaN(parsed) ? 0 : parsed * 1000;
}

async function open(
  pod: Pod,
  request: ExecRequest,
  start: (podmanName: string, container: string) => Promise<ProcessSession>,
): Promise<ProcessSession> {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  const container = chooseContainer(pod, request.container);
  try {
    return await start(podmanNameOf(pod, container), container);
  } catch (error) {
    throw explain(error, container);
  }
}

/** Podman's refusal in the kubelet's words. */
function explain(error: unknown, container: string): unknown {
  if (!isPodmanError(error)) return error;
  const gone = error.status === 404 || error.status === 409;
  return startFailure(gone ? `container not found (${JSON.stringify(container)})` : error.message, error);
}

function isPodmanError(error: unknown): error is PodmanError {
  return error instanceof Error && error.name === 'PodmanError';
}

function startFailure(why: string, cause: unknown): StatusError {
  return internalError(`unable to upgrade connection: ${why}`, cause);
}
