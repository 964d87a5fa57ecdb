import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { PodSite } from './site.ts';
import { shellStep } from './volume-steps.ts';

/** The kubelet's modes: owner and group may read and write, enter folders, and new files get the folder's group. */
const OWN =
  'find "$1" -exec chgrp -h "$2" {} + && find "$1" -type d -exec chmod ug+rwx,g+s {} + && ' +
  'find "$1" ! -type d ! -type l -exec chmod ug+rw {} +';

/** Whether the folder itself is as it shall be; then all in it is taken to be so. */
const IS_OWNED = '[ "$(stat -c %g "$1")" = "$2" ] && [ $((0$(stat -c %a "$1") & 02770)) -eq $((02770)) ]';

/** `fsGroup` owns what is in the volume, and new files in it: whenever the pod starts, or as the pod's policy has it. */
export function groupSteps(source: string, { spec }: PodSite, when: 'always' | 'as the pod says'): readonly Setting[] {
  const { fsGroup, fsGroupChangePolicy } = spec.securityContext ?? {};
  if (fsGroup === undefined) return [];
  const isLazy = when === 'as the pod says' && fsGroupChangePolicy === 'OnRootMismatch';
  const script = isLazy ? `if ${IS_OWNED}; then exit 0; fi; ${OWN}` : OWN;
  return [shellStep('ExecStartPre', script, [source, String(fsGroup)])];
}
