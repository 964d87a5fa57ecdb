import { containerKeys } from './container.ts';
import type { KeyRow, KeyTable } from './key-row.ts';
import { networkKeys } from './network.ts';
import { podKeys } from './pod.ts';
import { installKeys, quadletKeys, serviceKeys, sliceKeys, socketKeys, timerKeys, unitKeys } from './systemd.ts';
import { volumeKeys } from './volume.ts';

const TABLES: ReadonlyMap<string, KeyTable> = new Map([
  ['Container', containerKeys],
  ['Pod', podKeys],
  ['Network', networkKeys],
  ['Volume', volumeKeys],
  ['Quadlet', quadletKeys],
  ['Unit', unitKeys],
  ['Service', serviceKeys],
  ['Timer', timerKeys],
  ['Slice', sliceKeys],
  ['Socket', socketKeys],
  ['Install', installKeys],
]);

/** What is known of a key; undefined when the section or the key isn't ours. */
export function findKey(section: string, key: string): KeyRow | undefined {
  return TABLES.get(section)?.get(key);
}

/** Whether a section's keys are Quadlet's, which refuses the ones it doesn't know. */
export function isQuadletSection(section: string): boolean {
  return ['Container', 'Pod', 'Network', 'Volume', 'Quadlet'].includes(section);
}

/** Every table by section name. */
export function keyTables(): ReadonlyMap<string, KeyTable> {
  return TABLES;
}
