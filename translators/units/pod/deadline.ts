import type { Setting } from '../../../quadlet/encode-unit.ts';
import { parseTime } from '../../../src/machinery/time.ts';
import { ownerSettings } from './owner.ts';
import { inSection, SCRIPTS } from './settings.ts';
import type { PodSite } from './site.ts';

/**
 * The unit that ends a pod when its `activeDeadlineSeconds` are over, counted from its start, also over reboots;
 * undefined for a pod without, and while its start isn't known.
 */
export function planDeadline(site: PodSite): readonly Setting[] | undefined {
  const { spec, pod, names, folder } = site;
  const began = parseTime(pod.status?.startTime ?? '');
  if (!spec.activeDeadlineSeconds || began === undefined) return undefined;
  const deadline = Math.floor(began / 1000) + spec.activeDeadlineSeconds;
  return [
    ...inSection('Unit', [
      ['Description', `Deadline of Pod ${pod.metadata?.namespace}/${pod.metadata?.name}`],
      ['DefaultDependencies', 'no'],
      ['PartOf', names.gate],
    ]),
    ...deadlineConditions(site),
    ...inSection('Service', [
      ['Type', 'exec'],
      ['ExecStart', [`${SCRIPTS}/pod-deadline`, folder, String(deadline), names.gate]],
    ]),
    ...ownerSettings(site),
  ];
}

/** No unit of the pod starts once its time is over. */
export function deadlineConditions({ spec, folder }: PodSite): readonly Setting[] {
  if (!spec.activeDeadlineSeconds) return [];
  return inSection('Unit', [['ConditionPathExists', `!${folder}/containers/deadline-exceeded`]]);
}
