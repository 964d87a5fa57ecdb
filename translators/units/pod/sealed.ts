import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { HostDirectory } from '../../host-file.ts';
import { SCRIPTS } from './settings.ts';
import type { PodSite } from './site.ts';

/** What brings a folder back that rests encrypted: the command, and its arguments. Not needed while it is there. */
export function unsealCommand(
  folder: string,
  { state, runtime }: { readonly state: string; readonly runtime: string },
): readonly string[] {
  const name = `quadshift.${folder.replaceAll('/', '.')}`;
  return [`${SCRIPTS}/unseal`, `${runtime}/${folder}`, `${state}/${folder}/sealed/current`, name];
}

/** The folder of a pod's secrets; only root may look into it. */
export function sealedDirectory({ uid }: PodSite): HostDirectory {
  return { root: 'sealed', path: `pods/${uid}`, mode: 0o700 };
}

/**
 * What the infra unit waits for: after a boot the pod's secrets are brought back. A unit of its own, as a condition spares it a
 * process for each start while they are there.
 */
export function unsealSettings({ uid }: PodSite): readonly Setting[] {
  const unit = `quadshift-pod-secrets@${uid}.service`;
  return ['Wants', 'After'].map((key) => ({ section: 'Unit', key, value: unit }));
}
