/** How systemd and Quadlet treat a character after a backslash (systemd.syntax(7), "Quoting"). */
const ESCAPES: { readonly [letter: string]: string } = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
  s: ' ',
};

const LETTERS = new Map(
  Object.entries(ESCAPES)
    .filter(([letter]) => letter !== 's' && letter !== "'")
    .map(([letter, character]) => [character, letter]),
);

/**
 * One word for a line that systemd or Quadlet splits into words: bare when nothing in it is special, else in double
 * quotes with C escapes. Specifiers (`%`) and variables (`$`) are not the quoting's business: see `escape.ts`.
 */
export function quoteWord(word: string): string {
  if (/^[\w%+=:,./$-]+$/.test(word)) {
    return word;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped.
  const escaped = word.replace(/["\\\x00-\x1f\x7f]/g, escapeCharacter);
  return `"${escaped}"`;
}

/** Several words joined by blanks. */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** Thrown by `splitWords`: a quote that never ends or an escape that doesn't exist. */
export class QuotingError extends Error {}

/** The words of a line, quotes removed and C escapes undone, as systemd splits them. Throws QuotingError. */
export function splitWords(line: string): readonly string[] {
  const split: Split = { words: [], word: undefined, quote: '' };
  for (const token of line.match(TOKENS) ?? []) {
    if (split.quote === '') {
      takeOutside(split, token);
    } else if (token === split.quote) {
      split.quote = '';
    } else {
      split.word = `${split.word}${textOf(token)}`;
    }
  }
  if (split.quote !== '') {
    throw new QuotingError(`${split.quote} is never closed`);
  }
  return split.word === undefined ? split.words : [...split.words, split.word];
}

interface Split {
  readonly words: string[];
  word: string | undefined;
  quote: string;
}

function takeOutside(split: Split, token: string): void {
  if (/^[ \t\n\r]/.test(token)) {
    split.words.push(...(split.word === undefined ? [] : [split.word]));
    split.word = undefined;
    return;
  }
  split.quote = token === '"' || token === "'" ? token : '';
  split.word = (split.word ?? '') + (split.quote === '' ? textOf(token) : '');
}

/** Escapes with their digits, blanks, quotes, and everything between. */
const TOKENS =
  /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|[\s\S]|$)|[ \t\n\r]+|["']|[^\\ \t\n\r"']+/g;

function textOf(token: string): string {
  return token.startsWith('\\') ? unescapeToken(token) : token;
}

function escapeCharacter(character: string): string {
  const letter = LETTERS.get(character);
  return letter === undefined ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\${letter}`;
}

function unescapeToken(token: string): string {
  const rest = token.slice(1);
  const simple = ESCAPES[rest];
  if (simple !== undefined) {
    return simple;
  }
  const code = /^[xuU]./.test(rest) ? Number.parseInt(rest.slice(1), 16) : Number.parseInt(rest, 8);
  if (rest.length < 3 || code === 0 || code > 0x10ffff) {
    throw new QuotingError(`${token} is not an escape`);
  }
  return String.fromCodePoint(code);
}
