import type { Setting } from '../../../quadlet/encode-unit.ts';
import { escapeUnitName } from '../../../quadlet/escape.ts';
import type { HostLink } from '../../host-file.ts';
import { units } from './amounts.ts';
import type { DeviceResource } from './context.ts';
import { inSection } from './settings.ts';
import type { ContainerPlace, PodSite } from './site.ts';

/** The devices that a container asks for in its limits, as far as the host has any of that name. */
function devicesOf({ container }: ContainerPlace, { context }: PodSite): readonly DeviceResource[] {
  return Object.entries(container.resources?.limits ?? {}).flatMap(([name, quantity]) => {
    const device = context.devices?.get(name);
    return device === undefined || (units(quantity) ?? 0) === 0 ? [] : [device];
  });
}

/** `dev-ttyUSB0.device` for `/dev/ttyUSB0` (systemd.device(5)). */
function deviceUnit(path: string): string {
  return `${escapeUnitName(path.replace(/^\/+|\/+$/g, ''))}.device`;
}

function followedUnits(place: ContainerPlace, site: PodSite): readonly string[] {
  return devicesOf(place, site).flatMap(({ paths, follow }) => (follow ? paths.map(deviceUnit) : []));
}

/** Device nodes and CDI names go into the container, whose unit ends with the device's own. */
export function requestedDevices(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const devices = devicesOf(place, site);
  const followed = followedUnits(place, site);
  return [
    ...inSection(
      'Unit',
      followed.flatMap((unit) => [['BindsTo', unit] as const, ['After', unit] as const]),
    ),
    ...inSection(
      'Container',
      devices.flatMap(({ paths, cdi }) => [...paths, ...cdi].map((name) => ['AddDevice', name])),
    ),
  ];
}

/** A device that comes (back) starts the containers that are for it. */
export function deviceLinks(places: readonly ContainerPlace[], site: PodSite): readonly HostLink[] {
  return places.flatMap((place) =>
    followedUnits(place, site).map((unit) => ({
      root: 'unit' as const,
      path: `${unit}.wants/${place.names.service}`,
      target: `/run/systemd/generator/${place.names.service}`,
    })),
  );
}
