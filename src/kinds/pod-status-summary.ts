import { parseTime } from '../machinery/time.ts';
import { elapsedSince } from './columns.ts';
import type { Container, ContainerStatus, Draft, Pod, Sparse } from './types.ts';

type Object = Draft<Pod>;
type Status = Sparse<ContainerStatus>;

/** A pod in kubectl's words. */
export interface PodSummary {
  /** `Running`, `Init:0/1`, `CrashLoopBackOff`, `Completed`, `Terminating`, … */
  readonly reason: string;
  readonly readyContainers: number;
  readonly totalContainers: number;
  readonly restarts: number;
  /** When a container last ended before it was restarted. */
  readonly lastRestart: string | undefined;
}

interface Tally {
  readonly reason: string;
  readonly ready: number;
  readonly restarts: number;
  readonly lastRestart: string | undefined;
}

const TERMINAL = ['Succeeded', 'Failed'];

function isSidecar(container: Sparse<Container> | undefined): boolean {
  return container?.restartPolicy === 'Always';
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  const [first, second] = [a, b].map((time) => (time ? parseTime(time) : undefined));
  if (second === undefined) return a;
  return first === undefined || first < second ? b : a;
}

function withRestarts(tally: Tally, status: Status): Tally {
  return {
    ...tally,
    restarts: tally.restarts + (status.restartCount ?? 0),
    lastRestart: later(tally.lastRestart, status.lastState?.terminated?.finishedAt),
  };
}

function exitReason(status: Status): string | undefined {
  const terminated = status.state?.terminated;
  if (!terminated) return undefined;
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`;
}

/** Why the pod is still initializing because of this container; undefined when it isn't. */
function initReason(status: Status, sidecar: boolean, progress: string): string | undefined {
  const terminated = status.state?.terminated;
  if (terminated && (terminated.exitCode ?? 0) === 0) return undefined;
  if (sidecar && status.started === true) return undefined;
  if (terminated) return `Init:${exitReason(status)}`;
  const waiting = status.state?.waiting?.reason;
  return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${progress}`;
}

interface InitTally {
  readonly all: Tally;
  readonly sidecars: Tally;
  readonly initializing: boolean;
}

function tallyInit(pod: Object, start: Tally): InitTally {
  const specs = new Map((pod.spec?.initContainers ?? []).map((each) => [each.name, each]));
  let [all, sidecars] = [start, start];
  for (const [position, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = isSidecar(specs.get(status.name));
    all = withRestarts(all, status);
    if (sidecar) sidecars = withRestarts(sidecars, status);
    const reason = initReason(status, sidecar, `${position}/${specs.size}`);
    if (reason !== undefined) return { all: { ...all, reason }, sidecars, initializing: true };
    if (sidecar && status.ready && !status.state?.terminated) all = { ...all, ready: all.ready + 1 };
  }
  return { all, sidecars, initializing: false };
}

function tallyContainer(tally: Tally, status: Status): Tally {
  const next = withRestarts(tally, status);
  const reason = status.state?.waiting?.reason || exitReason(status);
  if (reason) return { ...next, reason };
  return status.ready && status.state?.running ? { ...next, ready: next.ready + 1 } : next;
}

function isTrue(pod: Object, type: string): boolean {
  return (pod.status?.conditions ?? []).some((each) => each.type === type && each.status === 'True');
}

function tallyContainers(pod: Object, start: Tally): Tally {
  const statuses = pod.status?.containerStatuses ?? [];
  const tally = statuses.toReversed().reduce(tallyContainer, start);
  const running = tally.ready > start.ready;
  if (tally.reason !== 'Completed' || !running) return tally;
  return { ...tally, reason: isTrue(pod, 'Ready') ? 'Running' : 'NotReady' };
}

function initialReason(pod: Object): string {
  const gated = (pod.status?.conditions ?? []).some(
    (each) => each.type === 'PodScheduled' && each.reason === 'SchedulingGated',
  );
  return gated ? 'SchedulingGated' : pod.status?.reason || (pod.status?.phase ?? '');
}

function finalReason(pod: Object, reason: string): string {
  if (!pod.metadata?.deletionTimestamp) return reason;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  return TERMINAL.includes(pod.status?.phase ?? '') ? reason : 'Terminating';
}

/** What `kubectl get pods` says of a pod: the computation of upstream's printer. */
export function summarizePod(pod: Object): PodSummary {
  const start = { reason: initialReason(pod), ready: 0, restarts: 0, lastRestart: undefined };
  const init = tallyInit(pod, start);
  const started = !init.initializing || isTrue(pod, 'Initialized');
  const { restarts, lastRestart } = init.sidecars;
  const tally = started ? tallyContainers(pod, { ...init.all, restarts, lastRestart }) : init.all;
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar).length;
  return {
    reason: finalReason(pod, tally.reason),
    readyContainers: tally.ready,
    totalContainers: (pod.spec?.containers?.length ?? 0) + sidecars,
    restarts: tally.restarts,
    lastRestart: tally.lastRestart,
  };
}

/** `3`, or `3 (5m ago)`. */
export function formatRestarts(summary: PodSummary, now: number): string {
  const { restarts, lastRestart } = summary;
  return restarts !== 0 && lastRestart ? `${restarts} (${elapsedSince(lastRestart, now)} ago)` : String(restarts);
}
