import { expect, it } from 'vitest';
import type { PersistentVolume, Pod } from '../../kinds/types.ts';
import { hostPathFailures } from './host-paths.ts';

const found: { readonly [path: string]: string } = { '/dir': 'directory', '/file': 'file', '/dev/x': 'block device' };
const read = async (path: string) => found[path];
const pod = (...volumes: readonly object[]): Pod =>
  ({ metadata: { name: 'p', namespace: 'shop' }, spec: { containers: [], volumes } }) as unknown as Pod;
const hostPath = (path: string, type?: string) => ({ name: 'v', hostPath: { path, type } });

it('says in upstream’s words what is not of the type that a hostPath asks for', async () => {
  const wrong = [hostPath('/file', 'Directory'), hostPath('/none', 'Socket'), hostPath('/dir', 'FileOrCreate')];
  expect(await hostPathFailures(pod(...wrong), new Map(), read)).toEqual([
    'MountVolume.SetUp failed for volume "v" : hostPath type check failed: /file is not a directory',
    'MountVolume.SetUp failed for volume "v" : hostPath type check failed: /none is not a socket file',
    'MountVolume.SetUp failed for volume "v" : hostPath type check failed: /dir is not a file',
  ]);
});

it('lets pass what is right, what is made, and what asks for nothing', async () => {
  const right = [
    hostPath('/dir', 'Directory'),
    hostPath('/none', 'DirectoryOrCreate'),
    hostPath('/dev/x', 'BlockDevice'),
    hostPath('/none'),
    hostPath('/none', ''),
    { name: 'e', emptyDir: {} },
  ];
  expect(await hostPathFailures(pod(...right), new Map(), read)).toEqual([]);
});

it('misses the disk that a local volume is on', async () => {
  const volume = { metadata: { name: 'pv' }, spec: { local: { path: '/gone' } } } as PersistentVolume;
  const claimed = { name: 'v', persistentVolumeClaim: { claimName: 'c' } };
  expect(await hostPathFailures(pod(claimed), new Map([['c', volume]]), read)).toEqual([
    'MountVolume.NewMounter initialization failed for volume "pv" : path "/gone" does not exist',
  ]);
});
