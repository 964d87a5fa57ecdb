import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeDurably } from './durable-write.ts';
import { createUnitDirectory, type DesiredFiles, type UnitDirectory, type UnitRoots } from './unit-directory.ts';

let folder = '';
let roots: UnitRoots;
let units: UnitDirectory;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qs-units-'));
  const below = (name: string): string => join(folder, name);
  roots = { quadlet: below('quadlet'), unit: below('unit'), state: below('state'), sealed: below('sealed') };
  for (const root of Object.values(roots)) await mkdir(root);
  units = createUnitDirectory(roots);
});
afterEach(() => rm(folder, { recursive: true }));

const mark = (uid: string): string => `[X-Kubernetes]\nKind=Pod\nNamespace=shop\nName=web\nUID=${uid}\nGeneration=1\n`;
const unit = (uid: string, rest = ''): string =>
  `[Unit]\nDescription=x${rest}\n\n${mark(uid)}\n[Service]\nExecStart=true\n`;

function webPod(uid = 'u1', rest = ''): DesiredFiles {
  return {
    owner: uid,
    files: [
      { root: 'quadlet', path: 'qs-shop_web.pod', content: unit(uid, rest), mode: 0o644 },
      { root: 'unit', path: 'qs-shop_web.service', content: unit(uid), mode: 0o644 },
      { root: 'unit', path: 'qs-shop_web-pod.service.d/gate.conf', content: unit(uid), mode: 0o644 },
      { root: 'state', path: `pods/${uid}/env/nginx.env`, content: 'PASSWORD=secret\n', mode: 0o600 },
      { root: 'state', path: `pods/${uid}/gate.sh`, content: '#!/bin/sh\n', mode: 0o755 },
    ],
    directories: [{ root: 'state', path: `pods/${uid}/volumes/empty-dir/cache`, mode: 0o777 }],
    links: [{ root: 'unit', path: 'multi-user.target.wants/qs-shop_web.service', target: '../qs-shop_web.service' }],
  };
}

const paths = async (): Promise<readonly string[]> =>
  (await units.list()).map((entry) => `${entry.root}/${entry.path}`).sort();
const inode = async (path: string): Promise<number> => (await lstat(join(folder, path))).ino;

describe('apply', () => {
  it('writes files, folders and links with their modes and asks for a reload', async () => {
    const change = await units.apply([webPod()]);
    expect(change.reloadNeeded).toBe(true);
    expect(change.changed).toContain('unit/multi-user.target.wants/qs-shop_web.service');
    const mode = async (path: string): Promise<number> => (await stat(join(folder, path))).mode & 0o777;
    expect(await mode('quadlet/qs-shop_web.pod')).toBe(0o644);
    expect(await mode('state/pods/u1/env/nginx.env')).toBe(0o600);
    expect(await mode('state/pods/u1/gate.sh')).toBe(0o755);
    expect(await mode('state/pods/u1/volumes/empty-dir/cache')).toBe(0o777);
    expect(await readlink(join(roots.unit, 'multi-user.target.wants/qs-shop_web.service'))).toBe(
      '../qs-shop_web.service',
    );
    expect(await readdir(join(roots.state, 'pods/u1/env'))).toEqual(['nginx.env']);
  });

  it('leaves alone what is as desired', async () => {
    await units.apply([webPod()]);
    const before = await inode('quadlet/qs-shop_web.pod');
    expect(await units.apply([webPod()])).toEqual({ changed: [], reloadNeeded: false, onlyNew: true, onlyGone: true });
    expect(await inode('quadlet/qs-shop_web.pod')).toBe(before);
  });

  it('writes only what differs, in content or in mode', async () => {
    await units.apply([webPod()]);
    expect((await units.apply([webPod('u1', ' y')])).changed).toEqual(['quadlet/qs-shop_web.pod']);
    await chmod(join(roots.state, 'pods/u1/env/nginx.env'), 0o644);
    expect(await units.apply([webPod('u1', ' y')])).toEqual({
      changed: ['state/pods/u1/env/nginx.env'],
      reloadNeeded: false,
      onlyNew: true,
      onlyGone: true,
    });
  });

  it('deletes what the owner has no longer, and its empty drop-in folder, but no volume', async () => {
    await units.apply([webPod()]);
    await writeFile(join(roots.state, 'pods/u1/volumes/empty-dir/cache/data'), 'precious');
    const { files } = webPod();
    const change = await units.apply([{ ...webPod(), files: files.slice(0, 2), links: [], directories: [] }]);
    expect(change.reloadNeeded).toBe(true);
    expect(await paths()).toEqual(['quadlet/qs-shop_web.pod', 'unit/qs-shop_web.service']);
    expect((await readdir(roots.unit)).sort()).toEqual(['multi-user.target.wants', 'qs-shop_web.service']);
    expect(await readFile(join(roots.state, 'pods/u1/volumes/empty-dir/cache/data'), 'utf8')).toBe('precious');
  });

  it('writes bytes, any mode and an owner', async () => {
    const { uid = 0, gid = 0 } = await stat(folder).then((s) => ({ uid: s.uid, gid: s.gid }));
    const content = new Uint8Array([0, 255, 10, 128]);
    const one = {
      root: 'state',
      path: 'pods/u1/volumes/secret/s/key',
      content,
      mode: 0o440,
      user: uid,
      group: gid,
    } as const;
    const desired = { owner: 'u1', files: [one], directories: [], links: [] };
    await units.apply([desired]);
    const path = join(roots.state, one.path);
    expect([...(await readFile(path))]).toEqual([...content]);
    expect((await stat(path)).mode & 0o7777).toBe(0o440);
    expect((await units.apply([desired])).changed).toEqual([]);
  });

  it('changes a volume through a link, and clears its old contents away, also those of an earlier process', async () => {
    const volume = 'pods/u1/volumes/config-map/settings';
    const version = (name: string, keys: readonly string[]): DesiredFiles => ({
      owner: 'u1',
      files: keys.map((key) => ({ root: 'state', path: `${volume}/${name}/${key}`, content: name, mode: 0o644 })),
      directories: [{ root: 'state', path: volume, mode: 0o755 }],
      links: ['..data', ...keys.map((key) => key.split('/')[0] ?? '')].map((link) => {
        return { root: 'state', path: `${volume}/${link}`, target: link === '..data' ? name : `..data/${link}` };
      }),
    });
    await units.apply([version('..1', ['a/b/c', 'd'])]);
    expect(await readFile(join(roots.state, volume, 'a/b/c'), 'utf8')).toBe('..1');
    await createUnitDirectory(roots).apply([version('..2', ['d'])]);
    expect(await readFile(join(roots.state, volume, 'd'), 'utf8')).toBe('..2');
    expect((await readdir(join(roots.state, volume))).sort()).toEqual(['..2', '..data', 'd']);
  });

  it('leaves what is elsewhere when it is told of some folders only, now and later', async () => {
    const path = 'pods/u1/volumes/secret/s';
    const file = (name: string) => ({ root: 'state', path: `${path}/${name}`, content: name, mode: 0o600 }) as const;
    const rest = webPod();
    await units.apply([{ ...rest, files: [...rest.files, file('a')] }]);
    const within = [{ root: 'state', path }] as const;
    const part: DesiredFiles = { owner: 'u1', files: [file('b')], directories: [], links: [], within };
    expect((await units.apply([part])).changed).toEqual([`state/${path}/b`, `state/${path}/a`]);
    expect((await units.apply([{ ...rest, files: [...rest.files, file('b')] }])).changed).toEqual([]);
    expect((await units.apply([rest])).changed).toEqual([`state/${path}/b`]);
  });

  it('keeps the files of other owners', async () => {
    const other: DesiredFiles = {
      owner: 'u2',
      files: [{ root: 'quadlet', path: 'qs-shop_db.pod', content: unit('u2'), mode: 0o644 }],
      directories: [],
      links: [],
    };
    await units.apply([webPod(), other]);
    await units.apply([{ ...webPod(), files: [], links: [] }]);
    expect(await paths()).toEqual(['quadlet/qs-shop_db.pod']);
  });

  it('lets a new owner take over a name, and the old one go without harm', async () => {
    await units.apply([webPod('u1')]);
    await units.apply([webPod('u2')]);
    await units.remove(['u1']);
    expect(new Set((await units.list()).map((entry) => entry.owner))).toEqual(new Set(['u2']));
    expect(await paths()).toHaveLength(6);
  });

  it('never touches a file without our mark, and writes nothing at all then', async () => {
    await writeFile(join(roots.unit, 'qs-shop_web.service'), '[Unit]\nDescription=mine\n');
    await expect(units.apply([webPod()])).rejects.toMatchObject({ name: 'ForeignFileError' });
    expect(await readFile(join(roots.unit, 'qs-shop_web.service'), 'utf8')).toBe('[Unit]\nDescription=mine\n');
    expect(await readdir(roots.quadlet)).toEqual([]);
    expect(await paths()).toEqual([]);
  });

  it.each(['../x.pod', '/etc/x.pod', 'a//b.pod', 'a/./b.pod', 'a/../../b.pod', '', 'x\n.pod'])(
    'refuses to leave the root by %j',
    async (path) => {
      const files: DesiredFiles['files'] = [{ root: 'quadlet', path, content: unit('u1'), mode: 0o644 }];
      await expect(units.apply([{ ...webPod(), files }])).rejects.toMatchObject({ name: 'UnsafePathError' });
    },
  );

  it('refuses to leave the root by a symbolic link', async () => {
    await mkdir(join(folder, 'elsewhere'));
    await mkdir(join(roots.state, 'pods'));
    await symlink(join(folder, 'elsewhere'), join(roots.state, 'pods/u1'));
    await expect(units.apply([webPod()])).rejects.toMatchObject({ name: 'UnsafePathError' });
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('refuses a file that names no owner', async () => {
    const files: DesiredFiles['files'] = [{ root: 'quadlet', path: 'x.network', content: '[Network]\n', mode: 0o644 }];
    await expect(units.apply([{ ...webPod(), files }])).rejects.toThrow('names no owner');
  });
});

describe('remove', () => {
  it('deletes everything of an owner, volumes too, and follows no link out of them', async () => {
    await units.apply([webPod()]);
    await writeFile(join(folder, 'outside'), 'precious');
    await symlink(folder, join(roots.state, 'pods/u1/volumes/empty-dir/cache/way-out'));
    expect(await units.remove(['u1'])).toMatchObject({ reloadNeeded: true, onlyNew: false, onlyGone: true });
    expect(await paths()).toEqual([]);
    expect(await readdir(join(roots.state, 'pods'))).toEqual([]);
    expect(await readFile(join(folder, 'outside'), 'utf8')).toBe('precious');
  });

  it('leaves a file that somebody else has put in the place of one of ours', async () => {
    await units.apply([webPod()]);
    await writeFile(join(roots.quadlet, 'qs-shop_web.pod'), '[Pod]\n');
    await units.remove(['u1']);
    expect(await readdir(roots.quadlet)).toEqual(['qs-shop_web.pod']);
  });

  it('changes nothing when the owner has nothing', async () => {
    expect(await units.remove(['nobody'])).toEqual({ changed: [], reloadNeeded: false, onlyNew: true, onlyGone: true });
    await expect(units.remove(['../..'])).rejects.toMatchObject({ name: 'UnsafePathError' });
  });
});

describe('list', () => {
  it('tells owners by section, by comment and by place, and ignores what is not ours', async () => {
    await units.apply([webPod()]);
    await writeFile(join(roots.unit, 'ssh.service'), unit('u9'));
    await writeFile(join(roots.unit, 'qs-mine.service'), '[Unit]\n');
    await writeFile(join(roots.quadlet, 'a.network'), '# Kind=Pod Namespace=a Name=b UID=u3 Generation=1\n[Network]\n');
    const owners = new Map((await units.list()).map((entry) => [entry.path, entry.owner]));
    expect(owners.get('qs-shop_web.pod')).toBe('u1');
    expect(owners.get('a.network')).toBe('u3');
    expect(owners.get('pods/u1/gate.sh')).toBe('u1');
    expect(owners.get('multi-user.target.wants/qs-shop_web.service')).toBe('u1');
    expect([...owners.keys()].filter((path) => path.includes('ssh') || path.includes('mine'))).toEqual([]);
  });

  it('notices a change made by somebody else', async () => {
    await units.apply([webPod()]);
    await units.list();
    const path = join(roots.quadlet, 'qs-shop_web.pod');
    await writeFile(path, unit('u7'));
    await utimes(path, new Date(), new Date(Date.now() + 5_000));
    expect((await units.list()).find((entry) => entry.path === 'qs-shop_web.pod')?.owner).toBe('u7');
  });

  it('leaves alone what is being written beside it', async () => {
    const net = join(roots.state, 'net');
    await mkdir(net);
    const zones = Array.from({ length: 100 }, (_, number) => writeDurably(join(net, `${number}.zone`), 'x', 0o644));
    await Promise.all([...zones, ...Array.from({ length: 30 }, () => units.list())]);
    expect(await readdir(net)).toHaveLength(100);
  });

  it('clears away what an interrupted write left behind', async () => {
    await writeFile(join(roots.quadlet, '.qs-new-1-1-x.pod'), 'half');
    expect(await units.list()).toEqual([]);
    expect(await readdir(roots.quadlet)).toEqual([]);
  });

  it('is empty when the roots do not exist', async () => {
    const absent = (name: string): string => `/nonexistent/${name}`;
    const none = createUnitDirectory({
      quadlet: absent('a'),
      unit: absent('b'),
      state: absent('c'),
      sealed: absent('d'),
    });
    expect(await none.list()).toEqual([]);
  });
});
