const MAX_TOTAL = 4096;
const MAX_EACH_WHEN_CUT = 256;

/**
 * Values for `Warning:` headers (RFC 7234, code 299, agent `-`). Control characters become spaces; when all
 * together would be too long, each is cut, and what then still doesn't fit is left out, as apiserver does.
 */
export function warningHeaders(warnings: readonly string[]): readonly string[] {
  const texts = [...new Set(warnings)]
    .map((text) => text.replace(/\p{Cc}+/gu, ' ').trim())
    .filter((text) => text !== '');
  const total = texts.reduce((sum, text) => sum + text.length, 0);
  if (total <= MAX_TOTAL) return texts.map(encodeWarning);
  const kept: string[] = [];
  let size = 0;
  for (const text of texts.map((text) => text.slice(0, MAX_EACH_WHEN_CUT))) {
    size += text.length;
    if (size > MAX_TOTAL) break;
    kept.push(encodeWarning(text));
  }
  return kept;
}

/** Header values are bytes: UTF-8 is written as the Latin-1 characters that Node sends as those bytes. */
function encodeWarning(text: string): string {
  const quoted = text.replace(/["\\]/g, '\\$&');
  return `299 - "${Buffer.from(quoted, 'utf8').toString('latin1')}"`;
}
