import type { Setting } from '../../../quadlet/encode-unit.ts';
import { finalStatuses } from './restart.ts';
import { type ContainerPlace, containerPlaces, type PodSite } from './site.ts';

/**
 * Containers that end for good must not run again after a reboot. When one has, its unit makes the file
 * `pods/<uid>/completed/<container>`, and no unit starts against that file. These are the conditions that hold while any
 * app container has not ended for good; none when one of them never does.
 */
export function unfinishedConditions(site: PodSite): readonly Setting[] {
  const apps = containerPlaces(site).filter(({ names }) => names.role === 'app');
  if (apps.some((place) => finalStatuses(place, site) === 'none')) {
    return [];
  }
  return apps.map((place) => ({ section: 'Unit', key: 'ConditionPathExists', value: `|!${markerOf(place, site)}` }));
}

/** The file that says that a container has ended for good. */
export function markerOf({ container }: ContainerPlace, { folder }: PodSite): string {
  return `${folder}/completed/${container.name}`;
}
