const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const bits = (a << 16) | (b << 8) | c;
    const digits = [18, 12, 6, 0].map((shift) => BASE64[(bits >> shift) & 63]).join('');
    const left = bytes.length - at;
    text += left >= 3 ? digits : digits.slice(0, left + 1).padEnd(4, '=');
  }
  return text;
}

const REPLACEMENT = 0xfffd;
/** Smallest code point that needs so many following bytes: shorter forms are refused, as the standard says. */
const SMALLEST = [0, 0x80, 0x800, 0x10000];

/** How many bytes follow, and the bits that the first one holds; undefined where none may begin so. */
function readLead(byte: number): readonly [following: number, bits: number] | undefined {
  if (byte >= 0xc0 && byte < 0xe0) return [1, byte & 0x1f];
  if (byte >= 0xe0 && byte < 0xf0) return [2, byte & 0x0f];
  return byte >= 0xf0 && byte < 0xf8 ? [3, byte & 0x07] : undefined;
}

function isCharacter(code: number, following: number): boolean {
  return code >= (SMALLEST[following] ?? 0) && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/** UTF-8; what isn't gives U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) {
      text += String.fromCharCode(byte);
      continue;
    }
    const [following, lead] = readLead(byte) ?? [0, REPLACEMENT];
    const rest = bytes.subarray(at + 1, at + 1 + following);
    const whole = rest.length === following && rest.every((byte) => (byte & 0xc0) === 0x80);
    const code = rest.reduce((bits, byte) => (bits << 6) | (byte & 0x3f), lead);
    const good = whole && isCharacter(code, following);
    text += String.fromCodePoint(good ? code : REPLACEMENT);
    if (good) at += following;
  }
  return text;
}
