import type { Setting } from '../../../quadlet/encode-unit.ts';
import { parseTime } from '../../../src/machinery/time.ts';
import { ownerSettings } from './owner.ts';
import { inSection, SCRIPTS } from './settings.ts';
import type { PodSite } from './site.ts';

/**
 * The unit that ends a pod when its `activeDeadlineSeconds` are over, or those of the Job of a timer's run, counted from
 * its start, also over reboots; of a pod whose start nobody knows yet from the unit's own. Undefined for a pod without.
 */
export function planDeadline(site: PodSite): readonly Setting[] | undefined {
  const { pod, names, folder } = site;
  const began = parseTime(pod.status?.startTime ?? '');
  const seconds = deadlineSeconds(site);
  if (seconds === undefined) return undefined;
  const deadline = began === undefined ? `+${seconds}` : String(Math.floor(began / 1000) + seconds);
  return [
    ...inSection('Unit', [
      ['Description', `Deadline of Pod ${pod.metadata?.namespace}/${pod.metadata?.name}`],
      ['DefaultDependencies', 'no'],
      ['PartOf', names.gate],
    ]),
    ...deadlineConditions(site),
    ...inSection('Service', [
      ['Type', 'exec'],
      ['ExecStart', [`${SCRIPTS}/pod-deadline`, folder, deadline, names.gate]],
    ]),
    ...ownerSettings(site),
  ];
}

/** No unit of the pod starts once its time is over. */
export function deadlineConditions(site: PodSite): readonly Setting[] {
  if (deadlineSeconds(site) === undefined) return [];
  return inSection('Unit', [['ConditionPathExists', `!${site.folder}/containers/deadline-exceeded`]]);
}

/** Seconds that the pod may run, if not for ever. */
export function deadlineSeconds({ spec, context }: Pick<PodSite, 'spec' | 'context'>): number | undefined {
  const limits = [spec.activeDeadlineSeconds, context.timerRun?.deadlineSeconds].filter(
    (one) => one !== undefined && one > 0,
  );
  return limits.length === 0 ? undefined : Math.min(...(limits as number[]));
}
