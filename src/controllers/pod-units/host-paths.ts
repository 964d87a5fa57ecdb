import type { PersistentVolume, Pod, Volume } from '../../kinds/types.ts';
import { nameOf } from '../meta.ts';
import { claimNameOf } from './claims.ts';

/** What is at a path of this machine, as its driver says it. */
export type PathTypeReader = (path: string) => Promise<string | undefined>;

/** What has to be at a hostPath by its type, as the kubelet calls it; those that are made may be absent. */
const WANTED: { readonly [type: string]: { readonly type: string; readonly name: string; readonly isMade?: boolean } } =
  {
    Directory: { type: 'directory', name: 'directory' },
    DirectoryOrCreate: { type: 'directory', name: 'directory', isMade: true },
    File: { type: 'file', name: 'file' },
    FileOrCreate: { type: 'file', name: 'file', isMade: true },
    Socket: { type: 'socket', name: 'socket file' },
    CharDevice: { type: 'character device', name: 'character device' },
    BlockDevice: { type: 'block device', name: 'block device' },
  };

async function hostPathProblem(
  hostPath: NonNullable<Volume['hostPath']>,
  read: PathTypeReader,
): Promise<string | undefined> {
  const wanted = WANTED[hostPath.type ?? ''];
  if (wanted === undefined) return undefined;
  const found = await read(hostPath.path);
  if (found === wanted.type || (found === undefined && wanted.isMade)) return undefined;
  return `hostPath type check failed: ${hostPath.path} is not a ${wanted.name}`;
}

/** The kubelet's sentence for a volume whose folder isn't as it shall be. */
async function problemOf(
  volume: Volume,
  behind: PersistentVolume | undefined,
  read: PathTypeReader,
): Promise<string | undefined> {
  const name = behind === undefined ? volume.name : nameOf(behind);
  const hostPath = volume.hostPath ?? behind?.spec?.hostPath;
  const why = hostPath && (await hostPathProblem(hostPath, read));
  if (why !== undefined) return `MountVolume.SetUp failed for volume "${name}" : ${why}`;
  const local = behind?.spec?.local?.path;
  if (local === undefined || (await read(local)) !== undefined) return undefined;
  return `MountVolume.NewMounter initialization failed for volume "${name}" : path "${local}" does not exist`;
}

/** Why folders of this machine keep the pod from starting. Its units look again at each start. */
export async function hostPathFailures(
  pod: Pod,
  volumes: ReadonlyMap<string, PersistentVolume>,
  read: PathTypeReader,
): Promise<readonly string[]> {
  const problems = (pod.spec?.volumes ?? []).map((volume) =>
    problemOf(volume, volumes.get(claimNameOf(pod, volume) ?? ''), read),
  );
  return (await Promise.all(problems)).filter((problem) => problem !== undefined);
}
