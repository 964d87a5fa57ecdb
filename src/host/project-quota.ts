import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderLimiter } from './local-folders.ts';

/** What limits are set through. */
export interface ProjectQuotaOptions {
  /** Folder of requests; the unit's script reads and deletes them. */
  readonly requests: string;
  /** Runs the unit that has the right to set quotas; whether it did. */
  readonly run: () => Promise<boolean>;
  /** /proc/self/mountinfo, or something like it. */
  readonly mountinfo?: string;
}

/** Where a folder's file system is mounted, and how. */
export interface Mount {
  readonly point: string;
  readonly type: string;
  /** Of the file system, not of this one mount. */
  readonly options: readonly string[];
}

/** Project ids of ours: the upper half, away from those that people choose. */
const FIRST_PROJECT = 0x4000_0000;

/** The mount that a path is on, of those in the text of a mountinfo file. */
export function mountOf(mountinfo: string, path: string): Mount | undefined {
  const mounts = mountinfo.split('\n').flatMap((line): readonly Mount[] => {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4]?.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
    const [type = '', , options = ''] = after.split(' ');
    return point === undefined ? [] : [{ point, type, options: options.split(',') }];
  });
  const isAbove = ({ point }: Mount): boolean => point === '/' || path === point || path.startsWith(`${point}/`);
  return mounts.filter(isAbove).reduce<Mount | undefined>(
    // Of mounts on one point the last one counts.
    (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
    undefined,
  );
}

/** Number of a folder's project. */
export function projectOf(path: string): number {
  return FIRST_PROJECT + (createHash('sha256').update(path).digest().readUInt32BE(0) % FIRST_PROJECT);
}

/** Limits by project quotas of XFS and ext4, where the file system was mounted with them. */
export function createProjectQuota(options: ProjectQuotaOptions): FolderLimiter {
  return async (path, bytes) => {
    const mount = mountOf(await readFile(options.mountinfo ?? '/proc/self/mountinfo', 'utf8'), path);
    const hasQuotas = mount?.options.some((option) => option === 'prjquota' || option === 'pquota');
    if (mount === undefined || !hasQuotas) {
      return {
        enforced: false,
        why: `the file system (${mount?.type ?? 'unknown'}) is mounted without project quotas`,
      };
    }
    await mkdir(options.requests, { recursive: true, mode: 0o700 });
    const project = projectOf(path);
    // Whole kibibytes, as setquota takes them.
    await writeFile(join(options.requests, String(project)), `${Math.ceil(bytes / 1024)} ${mount.point}\n${path}\n`);
    if (await options.run()) return { enforced: true };
    return { enforced: false, why: 'the quota could not be set; see the journal of quadshift-volume-quota.service' };
  };
}
