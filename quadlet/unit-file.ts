/** One line of a section: a key with its value, or a comment or blank line kept as it was. */
export type UnitLine =
  | { readonly kind: 'setting'; readonly key: string; readonly value: string }
  | { readonly kind: 'comment'; readonly text: string };

/** A section and what stands in it, in order. The preamble of a file is a section whose name is ''. */
export interface UnitSection {
  readonly name: string;
  readonly lines: readonly UnitLine[];
}

/**
 * A unit file as a value, systemd's or Quadlet's: sections of ordered lines. A section may occur more than once;
 * lookups read all of them as one. Values are as written in the file: escaped, quoted, continuation lines joined.
 */
export interface UnitFile {
  readonly sections: readonly UnitSection[];
}

/** A file without sections. */
export const emptyUnit: UnitFile = { sections: [] };

/** Every value of a key in file order; an empty assignment resets what came before (systemd.syntax(7)). */
export function lookupAll(unit: UnitFile, section: string, key: string): readonly string[] {
  const values: string[] = [];
  for (const line of linesOf(unit, section)) {
    if (line.kind !== 'setting' || line.key !== key) {
      continue;
    }
    if (line.value === '') {
      values.length = 0;
    } else {
      values.push(line.value);
    }
  }
  return values;
}

/** The last value of a key, '' when it was reset, undefined when it is nowhere. */
export function lookup(unit: UnitFile, section: string, key: string): string | undefined {
  const last = linesOf(unit, section).findLast((line) => line.kind === 'setting' && line.key === key);
  return last?.kind === 'setting' ? last.value : undefined;
}

/** The file with one more line at the end of the section, which is made when absent. */
export function add(unit: UnitFile, section: string, setting: readonly [key: string, value: string]): UnitFile {
  const line: UnitLine = { kind: 'setting', key: setting[0], value: setting[1] };
  const at = unit.sections.findLastIndex((candidate) => candidate.name === section);
  if (at === -1) {
    return { sections: [...unit.sections, { name: section, lines: [line] }] };
  }
  return mapSection(unit, at, (lines) => [...lines, line]);
}

/** The file with the key's last line replaced, or a line added when there is none. */
export function set(unit: UnitFile, section: string, setting: readonly [key: string, value: string]): UnitFile {
  const [key, value] = setting;
  const isKey = (line: UnitLine) => line.kind === 'setting' && line.key === key;
  const at = unit.sections.findLastIndex((candidate) => candidate.name === section && candidate.lines.some(isKey));
  if (at === -1) {
    return add(unit, section, setting);
  }
  return mapSection(unit, at, (lines) => lines.with(lines.findLastIndex(isKey), { kind: 'setting', key, value }));
}

/** Keys of a section, each once, in the order of their first line. */
export function keysOf(unit: UnitFile, section: string): readonly string[] {
  return [...new Set(linesOf(unit, section).flatMap((line) => (line.kind === 'setting' ? [line.key] : [])))];
}

function linesOf(unit: UnitFile, section: string): readonly UnitLine[] {
  return unit.sections.filter((candidate) => candidate.name === section).flatMap((found) => found.lines);
}

function mapSection(unit: UnitFile, at: number, change: (lines: readonly UnitLine[]) => readonly UnitLine[]): UnitFile {
  return {
    sections: unit.sections.map((section, index) =>
      index === at ? { name: section.name, lines: change(section.lines) } : section,
    ),
  };
}
