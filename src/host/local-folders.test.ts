import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalFolders } from './local-folders.ts';
import { createProjectQuota, mountOf } from './project-quota.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quadshift-folders-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const folders = createLocalFolders(async () => ({ enforced: true }));

describe('local folders', () => {
  it('are there for any user, and known as begun until they are finished', async () => {
    const place = { root: join(root, 'new'), name: 'a' };
    expect(await folders.begin(place)).toBe(join(root, 'new/a'));
    await folders.begin(place);
    expect(statSync(join(root, 'new/a')).mode & 0o777).toBe(0o777);
    expect(await folders.begun(place.root)).toEqual(['a']);
    await folders.finish(place);
    expect(await folders.begun(place.root)).toEqual([]);
    expect(readdirSync(place.root)).toEqual(['a']);
  });

  it('are taken back only when they are empty', async () => {
    await folders.begin({ root, name: 'a' });
    await folders.begin({ root, name: 'b' });
    writeFileSync(join(root, 'b/data'), 'x');
    await folders.abandon({ root, name: 'a' });
    await folders.abandon({ root, name: 'b' });
    expect(readdirSync(root)).toEqual(['b']);
  });

  it('go with all that is in them, also when an earlier process had begun with it', async () => {
    mkdirSync(join(root, 'a/deep'), { recursive: true });
    mkdirSync(join(root, '.deleted-b/deep'), { recursive: true });
    await folders.remove({ root, name: 'a' });
    await folders.remove({ root, name: 'a' });
    await folders.sweep(root);
    expect(readdirSync(root)).toEqual([]);
    await folders.sweep(join(root, 'absent'));
  });

  it('never leave their root', async () => {
    for (const name of ['..', '../x', '', '.deleted-x', 'a/b']) {
      await expect(folders.remove({ root, name }), name).rejects.toThrow('no name');
    }
  });
});

const MOUNTS = [
  '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
  '30 22 8:2 / /srv/with\\040space rw - xfs /dev/sdb rw,attr2,prjquota',
  '31 22 8:3 / /srv/plain rw - xfs /dev/sdc rw,noquota',
  '',
].join('\n');

describe('project quotas', () => {
  it('go by the mount that a folder is on', () => {
    expect(mountOf(MOUNTS, '/srv/with space/v')).toMatchObject({ type: 'xfs', point: '/srv/with space' });
    expect(mountOf(MOUNTS, '/srv/plainer')).toMatchObject({ type: 'ext4', point: '/' });
  });

  it('are asked for where the file system has them; elsewhere it is said why not', async () => {
    writeFileSync(join(root, 'mountinfo'), MOUNTS);
    const requests = join(root, 'requests');
    const quota = createProjectQuota({ requests, run: async () => true, mountinfo: join(root, 'mountinfo') });
    expect(await quota('/srv/plain/v', 1)).toEqual({
      enforced: false,
      why: 'the file system (xfs) is mounted without project quotas',
    });
    expect(existsSync(requests)).toBe(false);
    expect(await quota('/srv/with space/v', 1025)).toEqual({ enforced: true });
    expect(readdirSync(requests)).toHaveLength(1);
  });
});
