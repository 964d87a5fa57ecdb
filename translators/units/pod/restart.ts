import type { Setting } from '../../../quadlet/encode-unit.ts';
import { finalList, restartAllStatuses, restartedStatuses } from './restart-rules.ts';
import { inSection } from './settings.ts';
import { type ContainerPlace, gracePeriodOf, type PodSite, restartPolicyOf } from './site.ts';

/** systemd's words for the restart policies. */
const RESTART = { Always: 'always', OnFailure: 'on-failure', Never: 'no' } as const;

/** Seconds beyond the grace period for podman itself. */
const STOP_MARGIN = 20;

/**
 * When a container's unit starts, starts again and stops.
 *
 * The pause between restarts is the kubelet's: none before the first, then 10 s doubling to 5 min, forgotten after ten
 * good minutes. `container-begin` takes it, as systemd's own delays grow otherwise and are never forgotten.
 *
 * Every container is part of the gate (which takes it down and up), but the gate only *wants* it: with `Requires=` an
 * automatic restart of one container would restart the gate, and with it all others.
 */
export function restartSettings(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const { role } = place.names;
  const { postStart } = place.container.lifecycle ?? {};
  return [
    ...inSection('Unit', [['PartOf', site.names.gate], ['StartLimitIntervalSec', '0'], ...orderSettings(place, site)]),
    ...inSection('Service', [
      ['Type', role === 'init' ? 'oneshot' : undefined],
      ['RemainAfterExit', role === 'init' ? 'yes' : undefined],
      ...policySettings(place, site),
      // What waits for an init container or sidecar shall not fail with its first attempt.
      ['RestartMode', role === 'init' || role === 'sidecar' ? 'direct' : undefined],
      ['RestartSec', '1'],
      // A hook takes as long as it takes.
      ['TimeoutStartSec', role === 'init' || postStart ? 'infinity' : '900'],
      ['TimeoutStopSec', String(gracePeriodOf(site) + STOP_MARGIN)],
    ]),
  ];
}

/** Which ends of a container are followed by another start. */
function policySettings(place: ContainerPlace, site: PodSite): readonly (readonly [string, string | undefined])[] {
  const policy = restartPolicyOf(place, site);
  const restarted = restartedStatuses(place.container, policy);
  // A restart of all the pod is `pod-restart-all`'s: systemd would count another.
  const byScript = restartAllStatuses(place.container);
  const bySystemd = [...(restarted ?? [])].filter((status) => !byScript.includes(status));
  // 125: podman itself failed, so the container never ran.
  const forced = [...new Set([...bySystemd, 125])].map(String);
  return [
    ['Restart', restarted === undefined ? RESTART[policy] : 'no'],
    ['RestartForceExitStatus', forced.join(' ')],
    // Ended by the signals of a stop: not a failure worth keeping the unit around for.
    ['SuccessExitStatus', policy === 'Always' && restarted === undefined ? '143 137' : undefined],
  ];
}

/** Exit statuses that end a container for good, as `container-ended` takes them. */
export function finalStatuses(place: ContainerPlace, site: PodSite): string {
  const policy = restartPolicyOf(place, site);
  const restarted = restartedStatuses(place.container, policy);
  if (restarted !== undefined) return finalList(restarted) || 'none';
  return { Always: 'none', OnFailure: 'zero', Never: 'all' }[policy];
}

/**
 * Init containers run one after the other; app containers start when all of them have ended. A sidecar only has
 * to be up, and its restarts are nobody else's business, so it is wanted, not required.
 */
function orderSettings(place: ContainerPlace, site: PodSite): readonly (readonly [string, string])[] {
  const all = site.names.containers;
  const at = all.findIndex(({ service }) => service === place.names.service);
  if (place.names.role === 'ephemeral') return [];
  const before = all.slice(0, at).filter(({ role }) => role !== 'app');
  return before.flatMap(({ role, service }) => [
    [role === 'init' ? 'Requires' : 'Wants', service] as const,
    ['After', service] as const,
  ]);
}
