import { fnv1a } from '../../../src/machinery/deep.ts';
import type { HostFile, HostLink } from '../../host-file.ts';

/** A file of a volume, relative to its folder. */
export type VolumeFile = Pick<HostFile, 'path' | 'content' | 'mode' | 'user' | 'group'>;

/** Files and links of a volume's folder. */
export interface VolumeTree {
  readonly files: readonly HostFile[];
  readonly links: readonly HostLink[];
}

/**
 * A volume's contents as the kubelet lays them out: the files in a folder that is named after what they hold, `..data`
 * as a link to it, and links to that for what containers see. New contents are a new folder; renaming `..data` to it
 * changes all files at once, in running containers too.
 */
export function volumeTree(
  { root, path: folder }: Pick<HostFile, 'root' | 'path'>,
  files: readonly VolumeFile[],
): VolumeTree {
  if (files.length === 0) return { files: [], links: [] };
  const version = `..${versionOf(files)}`;
  const visible = new Set(files.map(({ path }) => path.split('/')[0] ?? path));
  const link = (path: string, target: string): HostLink => ({ root, path: `${folder}/${path}`, target });
  return {
    files: files.map((file) => ({ ...file, root, path: `${folder}/${version}/${file.path}` })),
    links: [link('..data', version), ...[...visible].map((name) => link(name, `..data/${name}`))],
  };
}

/** Two versions that got one name would only be changed file by file instead of at once. */
function versionOf(files: readonly VolumeFile[]): string {
  const parts = files.map(({ path, content, mode, user, group }) => {
    const bytes = typeof content === 'string' ? fnv1a(content) : fnv1a(latin1(content));
    return JSON.stringify([path, mode, user, group, content.length, bytes]);
  });
  return fnv1a(parts.toSorted().join('\n')).toString(16).padStart(8, '0');
}

/** One character per byte. */
function latin1(bytes: Uint8Array): string {
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) {
    chunks.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  }
  return chunks.join('');
}
