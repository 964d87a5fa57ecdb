import type { ContainerStatus, Pod, PodStatus } from '../../kinds/types.ts';
import type { Happening } from '../events.ts';
import { podDescription } from './container-state.ts';

function fieldPath(kind: 'containers' | 'initContainers', name: string): string {
  return `spec.${kind}{${name}}`;
}

function startedAnew(before: ContainerStatus | undefined, now: ContainerStatus): boolean {
  const start = (s: ContainerStatus | undefined): string | undefined =>
    s?.state?.running?.startedAt ?? s?.state?.terminated?.startedAt;
  const started = start(now);
  const last = start(before) ?? before?.lastState?.terminated?.startedAt;
  return started !== undefined && started !== last;
}

function fellBack(before: ContainerStatus | undefined, now: ContainerStatus): boolean {
  if (now.state?.waiting?.reason !== 'CrashLoopBackOff') return false;
  const finished = (s: ContainerStatus | undefined): string | undefined => s?.lastState?.terminated?.finishedAt;
  return before?.state?.waiting?.reason !== 'CrashLoopBackOff' || finished(before) !== finished(now);
}

function changes(
  pod: Pod,
  kind: 'containers' | 'initContainers',
  [before, now]: readonly [ContainerStatus | undefined, ContainerStatus],
): readonly Happening[] {
  const base = { component: 'kubelet', fieldPath: fieldPath(kind, now.name) };
  const found: Happening[] = [];
  if (startedAnew(before, now)) {
    found.push({ ...base, type: 'Normal', reason: 'Created', message: 'Container created' });
    found.push({ ...base, type: 'Normal', reason: 'Started', message: 'Container started' });
  }
  if (fellBack(before, now)) {
    const message = `Back-off restarting failed container ${now.name} in pod ${podDescription(pod)}`;
    found.push({ ...base, type: 'Warning', reason: 'BackOff', message });
  }
  return found;
}

/** What happened to a pod's containers between two statuses, in the kubelet's words. Pure. */
export function statusEvents(
  pod: Pod,
  before: PodStatus | undefined,
  now: PodStatus | undefined,
): readonly Happening[] {
  const of = (kind: 'containers' | 'initContainers', list: 'containerStatuses' | 'initContainerStatuses') =>
    (now?.[list] ?? []).flatMap((status) =>
      changes(pod, kind, [before?.[list]?.find((s) => s.name === status.name), status]),
    );
  return [...of('initContainers', 'initContainerStatuses'), ...of('containers', 'containerStatuses')];
}
