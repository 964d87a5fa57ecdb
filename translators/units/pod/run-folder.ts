import type { Setting } from '../../../quadlet/encode-unit.ts';
import { markerOf, unfinishedConditions } from './completion.ts';
import { deadlineConditions } from './deadline.ts';
import { finalStatuses } from './restart.ts';
import { SCRIPTS } from './settings.ts';
import type { ContainerPlace, PodSite } from './site.ts';

/**
 * Folder of what a container's runs leave behind, `pods/<uid>/containers/<name>`: its termination message, how it ended
 * last, how long its next start waits. Units write there; nobody of ours cleans it up before the pod goes.
 */
export function runFolder({ container }: Pick<ContainerPlace, 'container'>, { folder }: PodSite): string {
  return `${folder}/containers/${container.name}`;
}

/** What a container's unit does before each start and after each end. */
export function runSettings(place: ContainerPlace, site: PodSite): readonly Setting[] {
  const { names, container } = place;
  const folder = runFolder(place, site);
  const final = names.role === 'app' ? finalStatuses(place, site) : 'none';
  const policy = container.terminationMessagePolicy ?? 'File';
  const begin = [`${SCRIPTS}/container-begin`, folder, names.service];
  const marks = final === 'none' ? [] : [markerOf(place, site)];
  const ended = [`${SCRIPTS}/container-ended`, folder, names.service, names.podmanName, policy, final, ...marks];
  return [
    ...(final === 'none'
      ? unfinishedConditions(site)
      : [{ section: 'Unit', key: 'ConditionPathExists', value: `!${markerOf(place, site)}` }]),
    ...deadlineConditions(site),
    { section: 'Service', key: 'ExecStartPre', value: [...begin, ...hookedBefore(place, site)] },
    // An init container that has succeeded counts as up: nothing of its unit stops until the pod does.
    ...(names.role === 'init' ? [{ section: 'Service', key: 'ExecStartPost', value: ended }] : []),
    { section: 'Service', key: 'ExecStopPost', value: ended },
    ...messageMount(place, folder),
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

/** What the infra unit does before the pod exists: hooks that were carried out in an earlier life don't count. */
export function runSteps(site: PodSite): readonly Setting[] {
  if (!site.spec.containers.some(({ lifecycle }) => lifecycle?.postStart)) return [];
  const script = 'rm -f "$1"/containers/*/post-started';
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
