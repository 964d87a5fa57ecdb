import { escapeForExec, escapeSpecifiers } from './escape.ts';
import type { KeyRow } from './keys/key-row.ts';
import { findKey } from './keys/tables.ts';
import { isAtLeast, type PodmanVersion } from './podman-version.ts';
import { add, emptyUnit, type UnitFile, type UnitLine } from './unit-file.ts';
import { quoteWord } from './words.ts';

/** One key with the value it shall have, unescaped: what the container or systemd shall see, byte for byte. */
export interface Setting {
  readonly section: string;
  readonly key: string;
  /** A list for keys of quoting `words` and `command`. */
  readonly value: string | readonly string[];
}

/** A setting that can't be written. */
export interface SettingProblem {
  readonly section: string;
  readonly key: string;
  readonly message: string;
}

/** The file, and what could not be put into it. */
export interface EncodedUnit {
  readonly unit: UnitFile;
  readonly problems: readonly SettingProblem[];
}

/**
 * Settings as a unit file for this Podman, each escaped and quoted as its row says. A key that the Podman lacks, and a
 * value that the key can't carry, becomes the `PodmanArgs=` of the row; without one it is a problem, and left out.
 * Sections stand in the usual order, `X-` ones last; those are written as they are.
 */
export function encodeUnit(settings: readonly Setting[], podman: PodmanVersion): EncodedUnit {
  const problems: SettingProblem[] = [];
  let unit = emptyUnit;
  let variables = 0;
  for (const setting of settings) {
    const lines = setting.section.startsWith('X-')
      ? [plainLine(setting)]
      : encodeSetting(setting, { podman, firstVariable: variables });
    if (typeof lines === 'string') {
      problems.push({ section: setting.section, key: setting.key, message: lines });
      continue;
    }
    for (const line of lines) {
      variables += line.section === 'Service' && line.value.includes(VARIABLE_PREFIX) ? 1 : 0;
      unit = add(unit, line.section, [line.key, line.value]);
    }
  }
  return { unit: arrange(unit), problems };
}

const SECTION_ORDER = [
  'Unit',
  'Container',
  'Pod',
  'Network',
  'Volume',
  'Quadlet',
  'Service',
  'Socket',
  'Timer',
  'Install',
];

/** Sections in the order that people write them, a blank line between. */
function arrange(unit: UnitFile): UnitFile {
  const rank = (name: string) => (name.startsWith('X-') ? SECTION_ORDER.length : SECTION_ORDER.indexOf(name));
  const sections = unit.sections.toSorted((a, b) => rank(a.name) - rank(b.name));
  const blank: UnitLine = { kind: 'comment', text: '' };
  return {
    sections: sections.map(({ name, lines }, index) =>
      index === sections.length - 1 ? { name, lines } : { name, lines: [...lines, blank] },
    ),
  };
}

interface EncodedLine {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

interface Encoding {
  readonly podman: PodmanVersion;
  /** Number of the next variable for words that only a variable can carry. */
  readonly firstVariable: number;
}

const VARIABLE_PREFIX = 'QS_WORD_';

/** systemd ignores a line with one of these, whether it stands there or is escaped (its `utf8_is_valid`). */
const NO_CHARACTER = /\p{Noncharacter_Code_Point}/u;

function encodeSetting(setting: Setting, encoding: Encoding): readonly EncodedLine[] | string {
  const [forbidden] = NO_CHARACTER.exec([setting.value].flat().join(' ')) ?? [];
  if (forbidden !== undefined) {
    const code = forbidden.codePointAt(0)?.toString(16).toUpperCase();
    return `systemd takes no value with U+${code}, which Unicode keeps from being a character`;
  }
  const row = findKey(setting.section, setting.key);
  if (row === undefined) {
    return `[${setting.section}] has no key ${setting.key}`;
  }
  if (typeof setting.value !== 'string') {
    return encodeWords(setting, row, encoding);
  }
  const available = row.since === undefined || isAtLeast(encoding.podman, row.since);
  const value = available ? encodeValue(setting.value, row) : undefined;
  if (value !== undefined) {
    return [{ section: setting.section, key: row.key, value }];
  }
  return encodeAsFlag(setting, row, encoding);
}

/** The line's value, or undefined when the key can't carry it. */
function encodeValue(value: string, row: KeyRow): string | undefined {
  switch (row.quoting) {
    case 'verbatim':
      return isOneLine(value) ? value : undefined;
    case 'text':
      return isPlainText(value) ? escapeForExec(value) : undefined;
    case 'token':
      return isPlainText(value) && !/[\s"'\\]/.test(value) ? escapeForExec(value) : undefined;
    case 'word':
    case 'words':
    case 'command':
      return isCarriedByWords(value) ? quoteWord(escapeForExec(value)) : undefined;
    case 'assignment':
      return quoteWord(escapeSpecifiers(value));
    default:
      return row.quoting satisfies never;
  }
}

function encodeAsFlag(setting: Setting, row: KeyRow, encoding: Encoding): readonly EncodedLine[] | string {
  if (row.flag !== undefined) {
    return carryWords(
      [`${row.flag}=${String(setting.value)}`],
      { section: setting.section, key: 'PodmanArgs' },
      encoding,
    );
  }
  const { since } = row;
  return since !== undefined && !isAtLeast(encoding.podman, since)
    ? `${row.key} needs Podman ${since.join('.')}`
    : `${row.key} can not carry this value`;
}

function encodeWords(setting: Setting, row: KeyRow, encoding: Encoding): readonly EncodedLine[] | string {
  const words = typeof setting.value === 'string' ? [setting.value] : setting.value;
  if (row.quoting !== 'words' && row.quoting !== 'command') {
    return `${row.key} takes one value, not a list`;
  }
  return carryWords(words, { section: setting.section, key: row.key }, encoding);
}

/**
 * A list of words. Quadlet drops an empty word and all that follow, systemd takes a lone semicolon for the next
 * command, and Quadlet writes U+0080 as a byte that is no UTF-8: those travel as a variable of `[Service]`.
 */
function carryWords(
  words: readonly string[],
  at: Pick<EncodedLine, 'section' | 'key'>,
  encoding: Encoding,
): readonly EncodedLine[] {
  const variables: EncodedLine[] = [];
  const encoded = words.map((word) => {
    if (isCarriedByWords(word)) {
      return quoteWord(escapeForExec(word));
    }
    const name = `${VARIABLE_PREFIX}${encoding.firstVariable + variables.length}`;
    variables.push({ section: 'Service', key: 'Environment', value: quoteWord(`${name}=${escapeSpecifiers(word)}`) });
    return `\${${name}}`;
  });
  return [{ ...at, value: encoded.join(' ') }, ...variables];
}

function plainLine(setting: Setting): EncodedLine {
  return { section: setting.section, key: setting.key, value: quoteWord(String(setting.value)) };
}

function isCarriedByWords(word: string): boolean {
  return word !== '' && word !== ';' && !word.includes('\u0080');
}

function isOneLine(value: string): boolean {
  return !/[\r\n]/.test(value) && !value.endsWith('\\');
}

/** Quadlet trims the value, takes quotes off its ends, and reads a trailing backslash as a continuation. */
function isPlainText(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a line can't carry.
  return value !== '' && value === value.trim() && !/[\x00-\x1f\x7f-\x9f]/.test(value) && !/^"|["\\]$/.test(value);
}
