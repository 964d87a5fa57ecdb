import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { ContainerPlace, PodSite } from './site.ts';
import { shellStep } from './volume-steps.ts';

/** A folder of the host with all that is mounted below it, which nobody can write to. */
export interface ReadOnlyCopy {
  readonly path: string;
  readonly settings: readonly Setting[];
}

/**
 * Podman makes a mount read-only, not those below it. So the container gets a copy of the folder's mounts that has been made
 * read-only as a whole. It is outside of all folders that are ever emptied: what is in it are the host's own files.
 */
export function readOnlyCopy(source: string, volume: string, place: ContainerPlace, site: PodSite): ReadOnlyCopy {
  const path = `${site.context.paths.runtime}/read-only/${site.uid}/${place.container.name}/${volume}`;
  return {
    path,
    settings: [shellStep('ExecStartPre', MAKE, [source, path]), shellStep('ExecStopPost', UNMAKE, [path])],
  };
}

/** Before it is in the open, the copy is nobody's peer: its flags stay its own. */
const MAKE =
  'mountpoint -q "$2" || { mkdir -p "$2" && mount --rbind "$1" "$2" && mount --make-rprivate "$2" && ' +
  'mount -o remount,bind,ro=recursive "$2"; }';

const UNMAKE = '! mountpoint -q "$1" || umount -R "$1" || umount -R -l "$1"; rmdir -p "$1" 2>/dev/null || :';
