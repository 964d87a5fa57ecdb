import type { Setting } from '../../../quadlet/encode-unit.ts';

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
