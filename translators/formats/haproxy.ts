/** One line of a configuration as words; the serializer quotes them. */
export type HaproxyLine = readonly string[];

/** `backend web` and the lines below it. */
export interface HaproxySection {
  readonly head: HaproxyLine;
  readonly lines: readonly HaproxyLine[];
}

/** What needs no quotes. */
const BARE = /^[A-Za-z0-9_.:/+,@*=%()[\]{}!|^-]+$/;

/**
 * One word as haproxy's parser takes it literally: strong quotes know no escape, so a quote stands outside of them.
 * Control characters can't be written at all and are left out.
 */
export function quoteWord(word: string): string {
  const printable = withoutControls(word);
  return BARE.test(printable) ? printable : `'${printable.replaceAll("'", "'\\''")}'`;
}

/** Text of haproxy.cfg, see HAProxy's configuration manual, section 2. */
export function serializeHaproxy(sections: readonly HaproxySection[]): string {
  return sections
    .map(({ head, lines }) => `${lineOf(head)}\n${lines.map((line) => `  ${lineOf(line)}\n`).join('')}`)
    .join('\n');
}

function lineOf(words: HaproxyLine): string {
  return words.map(quoteWord).join(' ');
}

/** Text that stands for itself where haproxy expands formats (`%[…]`). */
export function literalFormat(text: string): string {
  return text.replaceAll('%', '%%');
}

/** Text that stands for itself in a regular expression. */
export function literalRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/**
 * A map file: keys are single words, the first of equal ones counts. Values are our own names. Whatever a request line
 * can't carry as it is stands percent-encoded in the key, as clients send it.
 */
export function serializeMap(entries: Iterable<readonly [key: string, value: string]>): string {
  const lines = new Map<string, string>();
  for (const [key, value] of entries) {
    const word = mapKey(key);
    if (!lines.has(word)) lines.set(word, value.replace(/[^\w.:-]/g, '_'));
  }
  return [...lines].map(([key, value]) => `${key} ${value}\n`).join('');
}

function mapKey(key: string): string {
  return key.toWellFormed().replace(/[^!-~]/gu, (character) => encodeURIComponent(character));
}

/** A certificate for some names, as a line of a crt-list. Names that are none are left out. */
export function certificateLine(file: string, hosts: readonly string[]): string {
  const names = hosts.filter((host) => /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host));
  return `${[file, ...names].join(' ')}\n`;
}

/** The blocks of a PEM text, without whatever stands between them. */
export interface Pem {
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
}

/** Reads certificates and unencrypted private keys, each normalized to lines of 64 characters. */
export function parsePem(text: string): Pem {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/g)].map(
    ([, label = '', body = '']) => ({ label, text: block(label, body) }),
  );
  return {
    certificates: blocks.filter(({ label }) => label === 'CERTIFICATE').map((each) => each.text),
    keys: blocks.filter(({ label }) => /^((RSA|EC) )?PRIVATE KEY$/.test(label)).map((each) => each.text),
  };
}

function block(label: string, body: string): string {
  const lines = body.replace(/\s/g, '').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** Text without what no word can hold: control characters and what else ends a line. */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
  return text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, '');
}
