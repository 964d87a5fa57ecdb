import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { PodSite } from './site.ts';

/** Folder of the scripts that we ship. */
export const SCRIPTS = '/usr/lib/quadshift';

/** Settings of one section; a value that is undefined is left out. */
export function inSection(
  section: string,
  values: readonly (readonly [key: string, value: string | readonly string[] | undefined])[],
): readonly Setting[] {
  return values.flatMap(([key, value]) => (value === undefined ? [] : [{ section, key, value }]));
}

/** `PodmanArgs=` with one option, for what Quadlet has no key for. */
export function podmanArgs(section: 'Container' | 'Pod', options: readonly string[]): readonly Setting[] {
  return options.map((value) => ({ section, key: 'PodmanArgs', value }));
}

/** podman's option for the pod's OCI runtime, when it isn't the usual one. */
export function runtimeArgs({ context }: Pick<PodSite, 'context'>): readonly string[] | undefined {
  return context.runtimeHandler ? [`--runtime=${context.runtimeHandler}`] : undefined;
}
