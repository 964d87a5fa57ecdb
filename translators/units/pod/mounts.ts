import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { Container } from '../../../src/kinds/types.ts';
import type { MountableVolume } from './mountable-volume.ts';
import { readOnlyCopy } from './read-only.ts';
import { csvField } from './run-folder.ts';
import type { ContainerPlace, PodSite } from './site.ts';
import { subPathOf } from './sub-path.ts';

type VolumeMount = NonNullable<Container['volumeMounts']>[number];

const PROPAGATION: { readonly [mode: string]: string } = {
  None: 'rprivate',
  HostToContainer: 'rslave',
  Bidirectional: 'rshared',
};

/** The container's mounts. A volume that could not be planned has been reported already: its mounts are left out. */
export function mountSettings(
  place: ContainerPlace,
  site: PodSite,
  from: { readonly volumes: readonly MountableVolume[]; readonly variables: ReadonlyMap<string, string> },
): readonly Setting[] {
  return (place.container.volumeMounts ?? []).flatMap((mount) => {
    const volume = from.volumes.find(({ name, isDevice }) => name === mount.name && !isDevice);
    return volume === undefined ? [] : oneMount(mount, volume, { place, site, variables: from.variables });
  });
}

interface MountSite {
  readonly place: ContainerPlace;
  readonly site: PodSite;
  readonly variables: ReadonlyMap<string, string>;
}

function oneMount(mount: VolumeMount, volume: MountableVolume, at: MountSite): readonly Setting[] {
  const {
    name: _,
    mountPath,
    readOnly,
    mountPropagation,
    recursiveReadOnly,
    subPath: _subPath,
    subPathExpr: _subPathExpr,
    ...unhandled
  } = mount;
  unhandled satisfies Record<PropertyKey, never>;
  const found = subPathOf(mount, at.variables);
  if ('problem' in found) {
    at.site.report.unstartable(at.place.container.name, found.problem);
    return [];
  }
  const below = found.path;
  if (volume.isImage) return [imageMount(volume.source, mountPath, below)];
  const within = (folder: string): string => (below === '' ? folder : `${folder}/${below}`);
  // Nothing is mounted below what is ours: read-only is recursive there.
  const isRecursive = recursiveReadOnly === 'Enabled' || recursiveReadOnly === 'IfPossible';
  const copy = isRecursive && !volume.isOwn ? readOnlyCopy(volume.source, volume.name, at.place, at.site) : undefined;
  const options = [
    'type=bind',
    `source=${within(copy?.path ?? volume.source)}`,
    `destination=${mountPath}`,
    ...(readOnly || volume.isReadOnly ? ['ro=true'] : []),
    `bind-propagation=${PROPAGATION[mountPropagation ?? 'None'] ?? 'rprivate'}`,
    ...(volume.isOwn ? ['relabel=shared'] : []),
    // Files of the pod's own volumes show the ids that they have on the host, as under the kubelet.
    ...(volume.isOwn && at.site.spec.hostUsers === false ? ['idmap'] : []),
  ];
  return [
    ...(below === '' ? [] : [subPathStep(volume.source, within(volume.source))]),
    ...(copy?.settings ?? []),
    { section: 'Container', key: 'Mount', value: options.map(csvField).join(',') },
  ];
}

/** What an image holds, to read. */
function imageMount(reference: string, destination: string, below: string): Setting {
  const options = ['type=image', `source=${reference}`, `destination=${destination}`, 'rw=false'];
  const value = [...options, ...(below === '' ? [] : [`subpath=${below}`])].map(csvField).join(',');
  return { section: 'Container', key: 'Mount', value };
}

/** The container's raw devices. */
export function deviceSettings({ container }: ContainerPlace, volumes: readonly MountableVolume[]): readonly Setting[] {
  return (container.volumeDevices ?? []).flatMap(({ name, devicePath, ...unhandled }) => {
    unhandled satisfies Record<PropertyKey, never>;
    const volume = volumes.find((each) => each.name === name && each.isDevice);
    if (volume === undefined) return [];
    const access = volume.isReadOnly ? 'r' : 'rwm';
    return [{ section: 'Container', key: 'AddDevice', value: `${volume.source}:${devicePath}:${access}` }];
  });
}

/** Makes the folder of a subPath, with the volume's mode, when nothing is there; refuses to leave the volume by a link. */
function subPathStep(root: string, source: string): Setting {
  const script =
    'case "$(realpath -m "$2")/" in "$(realpath -m "$1")"/*) ;; *) exit 1;; esac; ' +
    '[ -e "$2" ] || (umask 0; mkdir -p -m "$(stat -c %a "$1")" "$2")';
  return { section: 'Service', key: 'ExecStartPre', value: ['/bin/sh', '-c', script, 'sh', root, source] };
}
