// How Go prints values: upstream's messages contain `%q` strings and json.Marshal output, and clients see them.

const SHORT_ESCAPES: { readonly [character: string]: string } = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function escapeRune(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code > 0xffff) return `\\U${code.toString(16).padStart(8, '0')}`;
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A string as Go's `%q` prints it. */
export function goQuote(text: string): string {
  return `"${text.replace(/["\\\p{C}\p{Z}]/gu, (c) => (c === ' ' ? c : escapeRune(c)))}"`;
}

/** A value as Go's json.Marshal prints it: `<`, `>` and `&` escaped; fields in the order they have. */
export function goJson(value: unknown): string {
  const text = JSON.stringify(value ?? null) ?? 'null';
  return text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
