import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { CompiledProbe, PodProbes } from '../../formats/probes.ts';
import { unfinishedConditions } from './completion.ts';
import { deadlineConditions, deadlineSeconds } from './deadline.ts';
import { gateScript, needsScript } from './gate-script.ts';
import { ownerSettings } from './owner.ts';
import { inSection } from './settings.ts';
import { gracePeriodOf, type PodSite } from './site.ts';

/** The gate: its unit, and its script when readiness takes more than that the units are up. */
export interface GatePlan {
  readonly settings: readonly Setting[];
  readonly script: string | undefined;
}

/** Seconds that the start of the units may take before the script's own time begins. */
const START_MARGIN = 120;

/** Seconds that a pod without probes gets, and that probes get on top of their own numbers. */
const BASE_DEADLINE = 60;

/**
 * The pod as systemd sees it. It wants every unit of the pod, which are part of it: starting, stopping and restarting it
 * does so to all of them, and one that restarts by itself leaves it alone. Its start succeeds when the pod is ready.
 * It is not ordered before multi-user.target: a pod that takes long holds up no boot.
 */
export function planGate(site: PodSite, probes: PodProbes): GatePlan {
  const { pod, names } = site;
  const deadline = readyDeadline(site, probes);
  const members = [
    names.podService,
    ...names.containers.filter(({ role }) => role !== 'ephemeral').map(({ service }) => service),
  ];
  const deadlineWants = deadlineSeconds(site) === undefined ? [] : [['Wants', names.deadline] as const];
  const script = needsScript(site, probes) ? gateScript(site, probes, deadline) : undefined;
  return {
    script,
    settings: [
      ...inSection('Unit', [
        ['Description', `Pod ${pod.metadata?.namespace}/${pod.metadata?.name}`],
        ['DefaultDependencies', 'no'],
        ['Requires', 'sysinit.target'],
        ['After', 'sysinit.target'],
        ['After', 'basic.target'],
        ['After', 'quadshift-network.service'],
        ['Conflicts', 'shutdown.target'],
        ['Before', 'shutdown.target'],
        ...members.flatMap((unit) => [['Wants', unit] as const, ['After', unit] as const]),
        ...deadlineWants,
        ['StartLimitIntervalSec', '0'],
        ['JobTimeoutSec', String(deadline + START_MARGIN + gracePeriodOf(site))],
      ]),
      ...unfinishedConditions(site),
      ...deadlineConditions(site),
      ...inSection('Service', [
        ['Type', 'oneshot'],
        ['RemainAfterExit', 'yes'],
        ['ExecStart', script === undefined ? ['/usr/bin/true'] : [`${site.folder}/gate.sh`]],
        ['TimeoutStartSec', String(deadline + 10)],
      ]),
      ...ownerSettings(site),
    ],
  };
}

/**
 * Seconds until a pod that isn't ready counts as failed: the annotation `quadshift.io/ready-deadline-seconds`, else as
 * long as the slowest container may take by its own probes: until its startup probe gives up, then until its readiness
 * probe has failed `failureThreshold` times, and a minute.
 */
function readyDeadline({ pod, report }: PodSite, { containers }: PodProbes): number {
  const annotation = pod.metadata?.annotations?.['quadshift.io/ready-deadline-seconds'];
  if (annotation !== undefined && /^[1-9]\d{0,5}$/.test(annotation)) {
    return Number(annotation);
  }
  if (annotation !== undefined) {
    report.approximate('metadata.annotations[quadshift.io/ready-deadline-seconds]', 'is no number of seconds: ignored');
  }
  const slowest = containers.map(({ startup, readiness }) => probeTime(startup) + probeTime(readiness));
  return BASE_DEADLINE + Math.max(0, ...slowest);
}

function probeTime(probe: CompiledProbe | undefined): number {
  return probe === undefined
    ? 0
    : probe.initialDelaySeconds +
        Math.max(probe.failureThreshold, probe.successThreshold) * Math.max(probe.periodSeconds, probe.timeoutSeconds);
}
