import type { ContainerStatus, Pod } from '../kinds/types.ts';
import { badRequest } from '../machinery/status-error.ts';
import { bareId, containerStatusOf } from './pod-container.ts';

/** Which run of a container to show. */
export interface LogInstance {
  /** Podman's id of the run; undefined when the status doesn't know it. */
  readonly id: string | undefined;
  /** Without an id: the last run there is, or the one before it. */
  readonly position: 'last' | 'before-last';
  readonly running: boolean;
}

/** Finds the run whose output was asked for. Throws 400 with the kubelet's sentences when there is none. */
export function findLogInstance(pod: Pod, container: string, previous: boolean): LogInstance {
  const status = containerStatusOf(pod, container);
  const subject = `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata?.name ?? '')}`;
  if (status === undefined) throw badRequest(`${subject} is not available`);
  return previous ? previousRun(status, subject) : currentRun(status, subject);
}

function previousRun({ state, lastState }: ContainerStatus, subject: string): LogInstance {
  const last = lastState?.terminated;
  if (last === undefined) throw badRequest(`previous terminated ${subject} not found`);
  const position = state?.waiting === undefined ? 'before-last' : 'last';
  return { id: bareId(last.containerID), position, running: false };
}

function currentRun({ state, lastState, containerID }: ContainerStatus, subject: string): LogInstance {
  const last = { position: 'last', running: false } as const;
  if (state?.running !== undefined) return { id: bareId(containerID), position: 'last', running: true };
  if (state?.terminated !== undefined) return { ...last, id: bareId(state.terminated.containerID ?? containerID) };
  if (lastState?.terminated !== undefined) return { ...last, id: bareId(lastState.terminated.containerID) };
  if (state?.waiting !== undefined)
    throw badRequest(`${subject} is waiting to start: ${waitingFor(state.waiting.reason)}`);
  throw badRequest(`${subject} is waiting to start - no logs yet`);
}

function waitingFor(reason: string | undefined): string {
  if (reason === 'ErrImagePull') return "image can't be pulled";
  return reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : (reason ?? '');
}
