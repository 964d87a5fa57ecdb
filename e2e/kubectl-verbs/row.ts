import type { CommandResult } from '../box/process.ts';

/** One call of kubectl, and what upstream's answers with. Rows of a table run in order, in a namespace of their own. */
export interface Row {
  /** The words behind `kubectl`, separated by blanks; as a list where words hold blanks themselves. */
  readonly says: string | readonly string[];
  /** A manifest for `-f -`. */
  readonly input?: object;
  readonly env?: { readonly [name: string]: string };
  /** The exit status; 0 unless given. */
  readonly code?: number;
  /** What stands on standard output: all of it, or something like it. */
  readonly prints?: string | RegExp | readonly RegExp[];
  /** What stands on standard error. Nothing is asked of it unless given. */
  readonly complains?: string | RegExp;
  /** Repeated until it is so, for what controllers do in their own time. */
  readonly eventually?: true;
}

/** The words of a row as kubectl takes them. */
export function wordsOf({ says, input }: Row): readonly string[] {
  const words = typeof says === 'string' ? says.split(' ') : says;
  return input === undefined ? words : [...words, '-f', '-'];
}

/** How a row is called in reports. */
export function titleOf(row: Row): string {
  return `kubectl ${wordsOf(row).join(' ')}`;
}

/** What is not as the row has it; empty when all is. */
export function differences(row: Row, { code, stdout, stderr }: CommandResult): readonly string[] {
  const { prints = [], complains = [] } = row;
  return [
    ...(code === (row.code ?? 0) ? [] : [`exit status ${code}, not ${row.code ?? 0}: ${stderr || stdout}`]),
    ...[prints].flat().flatMap((wanted) => lacks('standard output', stdout, wanted)),
    ...[complains].flat().flatMap((wanted) => lacks('standard error', stderr, wanted)),
  ];
}

function lacks(what: string, text: string, wanted: string | RegExp): readonly string[] {
  const holds = typeof wanted === 'string' ? text === wanted : wanted.test(text);
  return holds ? [] : [`${what} is not ${typeof wanted === 'string' ? JSON.stringify(wanted) : wanted}:\n${text}`];
}
