import { restartedStatuses } from '../../../translators/units/pod/restart-rules.ts';
import type { Container, ContainerStatus, PodSpec } from '../../kinds/types.ts';
import { isSidecar } from './container-status.ts';

/** Phases of a pod. */
export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** Statuses as `containerStatuses` gives them. */
export interface Statuses {
  readonly init: readonly ContainerStatus[];
  readonly app: readonly ContainerStatus[];
}

type InitProgress = 'done' | 'pending' | 'failed';

/** Whether a container that ended so is started again: by its rules, its own policy, or the pod's. */
function restartsAfter(exitCode: number, container: Container | undefined, spec: PodSpec): boolean {
  const policy = container?.restartPolicy ?? spec.restartPolicy ?? 'Always';
  const known = policy === 'Never' || policy === 'OnFailure' ? policy : 'Always';
  const byRules = container && restartedStatuses(container, known);
  if (byRules !== undefined) return byRules.has(exitCode);
  return known === 'Always' || (known === 'OnFailure' && exitCode !== 0);
}

function initProgress(spec: PodSpec, init: readonly ContainerStatus[]): InitProgress {
  for (const status of init) {
    const container = spec.initContainers?.find((c) => c.name === status.name);
    if (container !== undefined && isSidecar(container)) {
      if (!status.started && status.state?.terminated === undefined) return 'pending';
      continue;
    }
    const exitCode = status.state?.terminated?.exitCode;
    if (exitCode === 0) continue;
    return exitCode !== undefined && !restartsAfter(exitCode, container, spec) ? 'failed' : 'pending';
  }
  return 'done';
}

/** Sidecars are stopped when all others have ended. */
function hasRunningSidecar(spec: PodSpec, init: readonly ContainerStatus[]): boolean {
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  return init.some(({ name, state }) => state?.running !== undefined && sidecars.has(name));
}

/** Whether an app container has ended, or ended last, so that it starts again, or never has. */
function goesOn(spec: PodSpec, { name, state, lastState }: ContainerStatus): boolean {
  const code = (state?.terminated ?? lastState?.terminated)?.exitCode;
  const container = spec.containers.find((each) => each.name === name);
  return code === undefined || restartsAfter(code, container, spec);
}

/** The pod's phase, as the kubelet derives it. */
export function podPhase(spec: PodSpec, { init, app }: Statuses): Phase {
  const progress = initProgress(spec, init);
  if (progress === 'failed') return 'Failed';
  const isEnded = app.every((s) => s.state?.terminated !== undefined && !goesOn(spec, s));
  if (!isEnded && isStarting(progress, app)) return 'Pending';
  if (app.some((s) => s.state?.running || goesOn(spec, s)) || hasRunningSidecar(spec, init)) return 'Running';
  return app.every((s) => (s.state?.terminated ?? s.lastState?.terminated)?.exitCode === 0) ? 'Succeeded' : 'Failed';
}

function isStarting(progress: InitProgress, app: readonly ContainerStatus[]): boolean {
  const isWaiting = app.some((s) => s.state?.waiting !== undefined && !s.lastState?.terminated);
  return isWaiting || (progress === 'pending' && !app.some((s) => s.state?.running));
}

/** Names of init containers that still have work to do, in order. */
export function incompleteInit(spec: PodSpec, init: readonly ContainerStatus[]): readonly string[] {
  return init
    .filter((status) => {
      const container = spec.initContainers?.find((c) => c.name === status.name);
      return container !== undefined && isSidecar(container) ? !status.started : !status.ready;
    })
    .map((status) => status.name);
}
