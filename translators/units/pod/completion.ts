import type { Setting } from '../../../quadlet/encode-unit.ts';
import { type ContainerPlace, containerPlaces, type PodSite, restartPolicyOf } from './site.ts';

/**
 * Containers that end for good must not run again after a reboot. When one has, its unit writes
 * `pods/<uid>/completed/<container>` (how it ended, as KEY=value lines), and no unit starts against that file.
 */
export function completionSettings(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const policy = restartPolicyOf(place, site);
  if (place.names.role !== 'app' || policy === 'Always') {
    return unfinishedConditions(site);
  }
  const marker = markerOf(place, site);
  return [
    { section: 'Unit', key: 'ConditionPathExists', value: `!${marker}` },
    {
      section: 'Service',
      key: 'ExecStopPost',
      value: ['/bin/sh', '-c', RECORD, 'sh', place.names.service, marker, policy],
    },
  ];
}

/** Conditions that hold while any app container has not ended for good; none when one of them never does. */
export function unfinishedConditions(site: PodSite): readonly Setting[] {
  const apps = containerPlaces(site).filter(({ names }) => names.role === 'app');
  if (apps.some((place) => restartPolicyOf(place, site) === 'Always')) {
    return [];
  }
  return apps.map((place) => ({ section: 'Unit', key: 'ConditionPathExists', value: `|!${markerOf(place, site)}` }));
}

function markerOf({ container }: ContainerPlace, { folder }: PodSite): string {
  return `${folder}/completed/${container.name}`;
}

/**
 * Arguments: unit, marker, policy. A unit that is being stopped or restarted has such a job: then it
 * didn't end by itself. 125 is podman's
 * own failure to start, which is tried again.
 */
const RECORD = [
  'case "$(systemctl list-jobs --no-legend "$1")" in *" stop "*|*"restart "*) exit 0;; esac',
  '[ "$EXIT_STATUS" != 125 ] || exit 0',
  '[ "$3" = Never ] || [ "$EXIT_CODE $EXIT_STATUS" = "exited 0" ] || exit 0',
  'mkdir -p "$(dirname "$2")"',
  'printf "SERVICE_RESULT=%s\\nEXIT_CODE=%s\\nEXIT_STATUS=%s\\nFINISHED=%s\\n"' +
    ' "$SERVICE_RESULT" "$EXIT_CODE" "$EXIT_STATUS" "$(date +%s)" > "$2.new"',
  'sync "$2.new"; mv "$2.new" "$2"',
].join('; ');
