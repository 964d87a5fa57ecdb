const patterns = new Map<string, RegExp | undefined>();
/** Patterns are few, but a client can make any number of them. */
const MAX_PATTERNS = 5000;

/** A Go pattern as JavaScript reads it; undefined where it can't be. */
export function compilePattern(pattern: string): RegExp | undefined {
  if (patterns.has(pattern)) return patterns.get(pattern);
  if (patterns.size >= MAX_PATTERNS) patterns.clear();
  const compiled = translatePattern(pattern);
  patterns.set(pattern, compiled);
  return compiled;
}

function translatePattern(pattern: string): RegExp | undefined {
  const [, flags = '', rest = pattern] = /^\(\?([ims]+)\)(.*)$/s.exec(pattern) ?? [];
  const source = rest
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\z', '$(?![\\s\\S])')
    .replaceAll('\\A', '^')
    .replaceAll('[[:alnum:]]', '[0-9A-Za-z]')
    .replaceAll('[[:alpha:]]', '[A-Za-z]')
    .replaceAll('[[:digit:]]', '[0-9]')
    .replaceAll('[[:space:]]', '\\s');
  for (const unicode of ['u', '']) {
    try {
      return new RegExp(source, `${flags}${unicode}`);
    } catch {
      // Tried again without Unicode's strictness about escapes.
    }
  }
  return undefined;
}
