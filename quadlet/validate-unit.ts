import type { KeyRow } from './keys/key-row.ts';
import { findKey, isQuadletSection } from './keys/tables.ts';
import { isAtLeast, type PodmanVersion } from './podman-version.ts';
import { keysOf, lookupAll, type UnitFile } from './unit-file.ts';

/** What is wrong with a key of a file. */
export interface UnitFinding {
  readonly section: string;
  readonly key: string;
  readonly message: string;
}

/**
 * Checks the keys of Quadlet's sections as Quadlet would: unknown ones, ones that this Podman lacks, values of the
 * wrong type, and single keys given twice. systemd's own sections are systemd's business.
 */
export function validateUnit(unit: UnitFile, podman: PodmanVersion): readonly UnitFinding[] {
  const names = [...new Set(unit.sections.map((section) => section.name))].filter(isQuadletSection);
  return names.flatMap((section) =>
    keysOf(unit, section).flatMap((key) => {
      const row = findKey(section, key);
      const messages = row === undefined ? ['unknown key'] : checkValues(lookupAll(unit, section, key), row, podman);
      return messages.map((message) => ({ section, key, message }));
    }),
  );
}

function checkValues(values: readonly string[], row: KeyRow, podman: PodmanVersion): readonly string[] {
  const { since } = row;
  return [
    ...(since !== undefined && !isAtLeast(podman, since) ? [`needs Podman ${since.join('.')}`] : []),
    ...(values.length > 1 && !row.repeatable ? ['given more than once'] : []),
    ...values.filter((value) => !hasType(value, row)).map((value) => `"${value}" is not of type ${row.type}`),
  ];
}

function hasType(value: string, row: KeyRow): boolean {
  switch (row.type) {
    case 'boolean':
      return /^(1|yes|true|on|0|no|false|off)$/i.test(value);
    case 'integer':
      return /^[+-]?\d+$/.test(value);
    case 'string':
      return true;
    default:
      return row.type satisfies never;
  }
}
