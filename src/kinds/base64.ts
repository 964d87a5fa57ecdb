const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The text's UTF-8 bytes; a lone surrogate becomes U+FFFD, as in Go. */
function utf8Bytes(text: string): readonly number[] {
  const escaped = encodeURIComponent(text.toWellFormed());
  return (escaped.match(/%..|[^%]/g) ?? []).map((part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0),
  );
}

function encodeGroup(group: readonly number[]): string {
  const [a = 0, b = 0, c = 0] = group;
  const bits = (a << 16) | (b << 8) | c;
  const letters = [18, 12, 6, 0].map((shift) => ALPHABET[(bits >> shift) & 63] ?? '');
  return letters
    .slice(0, group.length + 1)
    .join('')
    .padEnd(4, '=');
}

/** UTF-8 text in standard base64 with padding. */
export function encodeBase64(text: string): string {
  const bytes = utf8Bytes(text);
  const groups: string[] = [];
  for (let start = 0; start < bytes.length; start += 3) groups.push(encodeGroup(bytes.slice(start, start + 3)));
  return groups.join('');
}

function decodeGroup(group: string): readonly number[] {
  const values = [...group].filter((letter) => letter !== '=').map((letter) => ALPHABET.indexOf(letter));
  const bits = values.reduce((sum, value, position) => sum | (value << (18 - 6 * position)), 0);
  return [16, 8, 0].map((shift) => (bits >> shift) & 255).slice(0, values.length - 1);
}

/** Standard base64 of UTF-8 text, or undefined where it is not valid base64 or not UTF-8. */
export function decodeBase64Text(encoded: string): string | undefined {
  if (!BASE64.test(encoded)) return undefined;
  const bytes = (encoded.match(/.{4}/g) ?? []).flatMap(decodeGroup);
  try {
    return decodeURIComponent(bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return undefined;
  }
}

const VALUES: ReadonlyMap<number, number> = new Map(
  [...ALPHABET].map((letter, value) => [letter.charCodeAt(0), value]),
);

/** The bytes that standard base64 stands for, or undefined where it is not valid. */
export function decodeBase64(encoded: string): Uint8Array | undefined {
  if (!BASE64.test(encoded)) return undefined;
  const bytes = new Uint8Array(decodedLength(encoded));
  let [bits, held, at] = [0, 0, 0];
  for (let i = 0; i < encoded.length && at < bytes.length; i++) {
    bits = ((bits << 6) | (VALUES.get(encoded.charCodeAt(i)) ?? 0)) & 0xffffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at] = (bits >> held) & 255;
    at += 1;
  }
  return bytes;
}

/** Number of bytes that a base64 text stands for. */
export function decodedLength(encoded: string): number {
  const padding = encoded.endsWith('==') ? 2 : encoded.endsWith('=') ? 1 : 0;
  return Math.max(0, Math.floor((encoded.length * 3) / 4) - padding);
}

/** Length of the text in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
