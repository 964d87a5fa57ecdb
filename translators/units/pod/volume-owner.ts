import type { PodSite } from './site.ts';
import type { VolumeFile } from './volume-tree.ts';

/** Read for owner and group: what `fsGroup` adds to the files of a read-only volume. */
const GROUP_READS = 0o440;

/** Files of a volume that the pod's `fsGroup` owns. */
export function withGroup(files: readonly VolumeFile[], { spec }: PodSite): readonly VolumeFile[] {
  const group = spec.securityContext?.fsGroup;
  return group === undefined ? files : files.map((file) => ({ ...file, mode: file.mode | GROUP_READS, group }));
}

/**
 * Who may read a token, as the kubelet decides it: the one user that all containers run as, or the `fsGroup`; anybody
 * in the pod when there is neither.
 */
export function tokenAccess(defaultMode: number, site: PodSite): Pick<VolumeFile, 'mode' | 'user'> {
  const user = commonUser(site);
  const isPrivate = user !== undefined || site.spec.securityContext?.fsGroup !== undefined;
  return { mode: isPrivate ? 0o600 : defaultMode, ...(user === undefined ? {} : { user }) };
}

function commonUser({ spec }: PodSite): number | undefined {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const users = new Set(containers.map((c) => c.securityContext?.runAsUser ?? spec.securityContext?.runAsUser));
  return users.size === 1 ? [...users][0] : undefined;
}
