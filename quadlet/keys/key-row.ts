import type { PodmanVersion } from '../podman-version.ts';

/**
 * How a value is written so that it arrives unchanged:
 * - `verbatim`: as given; systemd's own settings, where specifiers are wanted or can't occur.
 * - `text`: Quadlet takes the rest of the line, trimmed and without outer quotes, and puts it into ExecStart.
 * - `token`: like text, but Quadlet splits it at blanks and keeps escapes: no blanks, quotes or backslashes.
 * - `word`: Quadlet splits it into words and undoes C escapes; one value is one word.
 * - `words`: the same for a list; each element arrives as one argument.
 * - `command`: systemd splits it into words and expands specifiers and variables; each element is one argument.
 * - `assignment`: systemd splits it into words and expands specifiers: `Environment=` of `[Service]`.
 */
export type Quoting = 'verbatim' | 'text' | 'token' | 'word' | 'words' | 'command' | 'assignment';

/** What kind of value a key takes; what the validator checks. */
export type ValueType = 'string' | 'boolean' | 'integer';

/** One key of one section: everything the house knows of it. */
export interface KeyRow {
  /** Spelling, as documented. */
  readonly key: string;
  readonly type: ValueType;
  /** Whether several lines add up; otherwise the last one wins. */
  readonly repeatable: boolean;
  readonly quoting: Quoting;
  /** First Podman with the key; absent when every supported one has it. */
  readonly since?: PodmanVersion;
  /** podman's option that does the same, for an older Podman and for values that the key can't carry. */
  readonly flag?: string;
  readonly doc: string;
}

/** The keys of a section by name. */
export type KeyTable = ReadonlyMap<string, KeyRow>;

/** A table from rows. */
export function keyTable(rows: readonly KeyRow[]): KeyTable {
  return new Map(rows.map((row) => [row.key, row]));
}

type Extra = Partial<Pick<KeyRow, 'type' | 'repeatable' | 'quoting' | 'since' | 'flag'>>;

/** A row; a single string of quoting `text` unless `extra` says otherwise. */
export function row(key: string, doc: string, extra: Extra = {}): KeyRow {
  return { key, type: 'string', repeatable: false, quoting: 'text', doc, ...extra };
}
