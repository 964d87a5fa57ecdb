import type { Setting } from '../../../quadlet/encode-unit.ts';
import { inSection } from './settings.ts';
import { type ContainerPlace, gracePeriodOf, type PodSite, restartPolicyOf } from './site.ts';

/** systemd's words for the restart policies. */
const RESTART = { Always: 'always', OnFailure: 'on-failure', Never: 'no' } as const;

/** Seconds beyond the grace period for podman itself. */
const STOP_MARGIN = 20;

/**
 * When a container's unit starts, starts again and stops.
 *
 * The pause between restarts is the kubelet's, 10 s doubling to 5 min. systemd interpolates a geometric series, so
 * it is 10, 20, 39, 77, 152 and 300 s; and it counts until somebody starts the unit, where the kubelet forgets after 10
 * good minutes. The kubelet's first restart comes without a pause; systemd has no such exception.
 *
 * Every container is part of the gate (which takes it down and up), but the gate only *wants* it: with `Requires=` an
 * automatic restart of one container would restart the gate, and with it all others.
 */
export function restartSettings(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const { role } = place.names;
  const policy = restartPolicyOf(place, site);
  return [
    ...inSection('Unit', [['PartOf', site.names.gate], ['StartLimitIntervalSec', '0'], ...orderSettings(place, site)]),
    ...inSection('Service', [
      ['Type', role === 'init' ? 'oneshot' : undefined],
      ['RemainAfterExit', role === 'init' ? 'yes' : undefined],
      ['Restart', RESTART[policy]],
      // What waits for an init container or sidecar shall not fail with its first attempt.
      ['RestartMode', role === 'app' ? undefined : 'direct'],
      // 125: podman itself failed, so the container never ran.
      ['RestartForceExitStatus', '125'],
      ['RestartSec', '10'],
      ['RestartSteps', '5'],
      ['RestartMaxDelaySec', '300'],
      // Ended by the signals of a stop: not a failure worth keeping the unit around for.
      ['SuccessExitStatus', policy === 'Always' ? '143 137' : undefined],
      ['TimeoutStartSec', role === 'init' ? 'infinity' : '900'],
      ['TimeoutStopSec', String(gracePeriodOf(site) + STOP_MARGIN)],
    ]),
  ];
}

/**
 * Init containers run one after the other; app containers start when all of them have ended. A sidecar only has
 * to be up, and its restarts are nobody else's business, so it is wanted, not required.
 */
function orderSettings(place: ContainerPlace, site: PodSite): readonly (readonly [string, string])[] {
  const all = site.names.containers;
  const at = all.findIndex(({ service }) => service === place.names.service);
  const before = all.slice(0, at).filter(({ role }) => role !== 'app');
  return before.flatMap(({ role, service }) => [
    [role === 'init' ? 'Requires' : 'Wants', service] as const,
    ['After', service] as const,
  ]);
}
