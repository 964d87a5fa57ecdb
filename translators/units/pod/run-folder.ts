import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { HostDirectory } from '../../host-file.ts';
import { markerOf, unfinishedConditions } from './completion.ts';
import type { PodContext } from './context.ts';
import { deadlineConditions } from './deadline.ts';
import { finalStatuses } from './restart.ts';
import { restartAllList } from './restart-rules.ts';
import { SCRIPTS } from './settings.ts';
import { type ContainerPlace, containerPlaces, ephemeralPlaces, type PodSite } from './site.ts';

/**
 * Folder of what a container's runs leave behind, `pods/<uid>/containers/<name>`: its termination message, how it ended
 * last, how long its next start waits. Units write there; nobody of ours cleans it up before the pod goes.
 */
export function runFolder({ container }: Pick<ContainerPlace, 'container'>, { folder }: PodSite): string {
  return `${folder}/containers/${container.name}`;
}

/** These folders, made before anything starts: units would each start a process for it. */
export function runDirectories(site: PodSite): readonly HostDirectory[] {
  const path = (name: string): string => `pods/${site.uid}/containers/${name}`;
  const places = [...containerPlaces(site), ...ephemeralPlaces(site)];
  return places.map(({ names }) => ({ root: 'state', path: path(names.container), mode: 0o755 }));
}

/** What a container's unit does before each start and after each end. */
export function runSettings(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const { names, container } = place;
  const folder = runFolder(place, site);
  const final = names.role === 'app' ? finalStatuses(place, site) : 'none';
  const policy = container.terminationMessagePolicy ?? 'File';
  const marks = final === 'none' ? [] : [markerOf(place, site)];
  const ended = [`${SCRIPTS}/container-ended`, folder, names.service, names.podmanName, policy, final, ...marks];
  return [
    ...(final === 'none'
      ? unfinishedConditions(site)
      : [{ section: 'Unit', key: 'ConditionPathExists', value: `!${markerOf(place, site)}` }]),
    ...deadlineConditions(site),
    ...beginSettings(place, site),
    // An init container that has succeeded counts as up: nothing of its unit stops until the pod does.
    ...(names.role === 'init' ? [{ section: 'Service', key: 'ExecStartPost', value: ended }] : []),
    { section: 'Service', key: 'ExecStopPost', value: ended },
    ...restartAllStep(place, site),
    ...completedStep(place, site),
    ...messageMount(place, folder),
  ];
}

/**
 * What comes before each start: back-off, a fresh termination message. A unit of its own, which a condition spares its process
 * where the server has laid out the container's first start: three of ten processes of systemd's own in a start of three
 * containers. What waits for others' hooks, or starts without us in the first place, has a step instead.
 */
function beginSettings(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const { names } = place;
  const hooked = hookedBefore(place, site);
  if (hooked.length > 0 || site.context.timerRun !== undefined || !isPackaged(site.context)) {
    const begin = [`${SCRIPTS}/container-begin`, runFolder(place, site), names.service];
    return [{ section: 'Service', key: 'ExecStartPre', value: [...begin, ...hooked] }];
  }
  const unit = `quadshift-begin@${firstStartMark(site.uid, names.container)}.service`;
  // Who stops the container while it waits for its next start stops that, too; after a stop of the gate it ends by itself.
  return ['Wants', 'After', 'PropagatesStopTo'].map((key) => ({ section: 'Unit', key, value: unit }));
}

/** Whether the folders are those that the package's units name. */
function isPackaged({ paths }: PodContext): boolean {
  return paths.state === '/var/lib/quadshift' && paths.runtime === '/run/quadshift';
}

/** The file, below `<runtime>/begun`, that says that a container's first start is laid out; it names the unit that else does it. */
export function firstStartMark(uid: string, container: string): string {
  return `${uid}:${container}`;
}

/** What the rule RestartAllContainers comes to. */
function restartAllStep(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const statuses = restartAllList(place.container);
  if (statuses === undefined) return [];
  const others = site.names.containers.filter(({ role }) => role !== 'ephemeral');
  const units = others.flatMap(({ container, service }) => [container, service]);
  const words = [`${SCRIPTS}/pod-restart-all`, runFolder(place, site), place.names.service, statuses, ...units];
  return [{ section: 'Service', key: 'ExecStopPost', value: words }];
}

/**
 * Sidecars go when all others have ended for good, and with the run of a timer what holds its network: without anybody's
 * help, as these would run on for ever.
 */
function completedStep(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const places = containerPlaces(site);
  const apps = places.filter(({ names }) => names.role === 'app');
  const leavesMore = site.context.timerRun !== undefined || places.some(({ names }) => names.role === 'sidecar');
  const isEndless = apps.some((app) => finalStatuses(app, site) === 'none');
  if (place.names.role !== 'app' || !leavesMore || isEndless) return [];
  const markers = apps.map((app) => markerOf(app, site));
  return [
    { section: 'Service', key: 'ExecStopPost', value: [`${SCRIPTS}/pod-completed`, site.names.gate, ...markers] },
  ];
}

/** Folders of the app containers before it that have a postStart hook: it starts when they are done, as upstream. */
function hookedBefore({ names }: ContainerPlace, site: PodSite): readonly string[] {
  if (names.role !== 'app') return [];
  const apps = site.spec.containers;
  const at = apps.findIndex(({ name }) => name === names.container);
  const hooked = apps.slice(0, at).filter(({ lifecycle }) => lifecycle?.postStart);
  return hooked.map((container) => runFolder({ container }, site));
}

/** What the infra unit does before the pod exists: hooks that were carried out, and restarts that were counted, in an earlier life don't count. */
export function runSteps(site: PodSite): readonly Setting[] {
  const isHooked = site.spec.containers.some(({ lifecycle }) => lifecycle?.postStart);
  const isRuled = containerPlaces(site).some(({ container }) => restartAllList(container) !== undefined);
  const stale = [...(isHooked ? ['post-started'] : []), ...(isRuled ? ['restarts'] : [])];
  if (stale.length === 0) return [];
  const script = `rm -f ${stale.map((file) => `"$1"/containers/*/${file}`).join(' ')}`;
  return [{ section: 'Service', key: 'ExecStartPre', value: ['/bin/sh', '-c', script, 'sh', site.folder] }];
}

/** The file that a container may leave its last words in. A volume at the same place goes first. */
function messageMount({ container }: ContainerPlace, folder: string): readonly Setting[] {
  const path = container.terminationMessagePath || '/dev/termination-log';
  if ((container.volumeMounts ?? []).some(({ mountPath }) => mountPath === path)) return [];
  const options = ['type=bind', `source=${folder}/message`, `destination=${path}`, 'relabel=shared'];
  return [{ section: 'Container', key: 'Mount', value: options.map(csvField).join(',') }];
}

/** podman splits mounts as CSV. */
export function csvField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
