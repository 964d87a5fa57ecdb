import type { DesiredFiles } from '../../../systemd/unit-directory.ts';
import type { Translation } from '../../../translators/host-file.ts';
import type { Pod } from '../../kinds/types.ts';
import { uidOf } from '../meta.ts';
import type { MissingReference } from './references.ts';

/** Folders whose contents we write, below the pod's own. */
const CONTENTS = /^volumes\/(?:config-map|secret|downward-api|projected)\/([^/]+)$/;

/** Roots that volumes are in. */
function isKept(root: string): boolean {
  return root === 'state' || root === 'sealed';
}

/**
 * What of a running pod's translation can be written though some of what it refers to has gone: volumes that lack
 * nothing. The others, and everything that isn't a volume, stay as they are. Pure.
 */
export function volumePart(
  pod: Pod,
  { files, links, directories }: Translation,
  missing: readonly MissingReference[],
): DesiredFiles & Required<Pick<DesiredFiles, 'within'>> {
  const folder = `pods/${uidOf(pod)}/`;
  const lacking = new Set(missing.map(({ reference }) => reference.volume));
  const within = directories.filter(({ root, path }) => {
    const name = isKept(root) && path.startsWith(folder) ? CONTENTS.exec(path.slice(folder.length))?.[1] : undefined;
    return name !== undefined && !lacking.has(name);
  });
  const isWithin = ({ root, path }: { readonly root: string; readonly path: string }): boolean =>
    within.some((volume) => volume.root === root && path.startsWith(`${volume.path}/`));
  return {
    owner: uidOf(pod),
    files: files.filter(isWithin),
    links: links.filter(isWithin),
    directories: within,
    within,
  };
}
