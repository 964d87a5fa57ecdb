import type { Diagnostic, Translation } from '../../../translators/host-file.ts';
import type { Pod } from '../../kinds/types.ts';
import type { Happening } from '../events.ts';
import { uidOf } from '../meta.ts';
import type { WaitingReason } from '../pod-status/facts.ts';
import { type Agent, allContainers, kubelet } from './agent.ts';
import { failedMount } from './hold-up.ts';

/** What the kubelet would say of a finding about the pod. */
function happeningOf({ severity, field, message }: Diagnostic, { spec }: Pod): Happening {
  if (severity === 'blocked') {
    const volume = spec?.volumes?.[Number(/^spec\.volumes\[(\d+)\]/.exec(field)?.[1])];
    return failedMount(volume?.name ?? '', message);
  }
  return kubelet('Warning', severity === 'refused' ? 'Failed' : 'Approximated', `${field}: ${message}`);
}

/** Says what the translator could not do as asked; true when the pod must not run. */
export function reportDiagnostics(pod: Pod, { diagnostics }: Translation, { recorder, waiting }: Agent): boolean {
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== 'unstartable') recorder.record(pod, happeningOf(diagnostic, pod));
  }
  const refused = diagnostics.filter((d) => d.severity === 'refused');
  if (refused.length === 0) return diagnostics.some((d) => d.severity === 'blocked');
  const message = refused.map(({ field, message }) => `${field}: ${message}`).join('; ');
  const reason: WaitingReason = { reason: 'CreateContainerConfigError', message };
  waiting.set(uidOf(pod), Object.fromEntries(allContainers(pod).map(({ container }) => [container.name, reason])));
  return true;
}

/** Says which containers can't be started as things are; true when some can't. */
export function reportUnstartable(pod: Pod, { diagnostics }: Translation, { recorder, waiting }: Agent): boolean {
  const stuck = diagnostics.filter(({ severity }) => severity === 'unstartable');
  for (const { field, message } of stuck) {
    const fieldPath = `spec.containers{${field}}`;
    recorder.record(pod, { ...kubelet('Warning', 'Failed', `Error: ${message}`), fieldPath });
  }
  if (stuck.length === 0) return false;
  const reasons = stuck.map(
    ({ field, message }) => [field, { reason: 'CreateContainerConfigError', message }] as const,
  );
  waiting.set(uidOf(pod), Object.fromEntries(reasons));
  return true;
}
