import { RE2JS } from 're2js';
import { type Parsed, parsed, unparsable } from './parsed.ts';

/** A regular expression as Go reads it: time is linear in the text, whatever the pattern. */
export interface GoPattern {
  /** Whether it is found anywhere in the text. */
  readonly test: (text: string) => boolean;
  /** Every match, one after the other. */
  readonly findAll: (text: string) => readonly string[];
}

/** In the order of their last use. */
const patterns = new Map<string, Parsed<GoPattern>>();
/** Patterns are few, but a client can make any number of them, and one takes up to some hundred kilobytes. */
const MAX_PATTERNS = 256;

/** Compiles a pattern; a failure has Go's words. The ones used last are remembered. */
export function compilePattern(pattern: string): Parsed<GoPattern> {
  const compiled = patterns.get(pattern) ?? compile(pattern);
  patterns.delete(pattern);
  patterns.set(pattern, compiled);
  const [oldest] = patterns.keys();
  if (patterns.size > MAX_PATTERNS && oldest !== undefined) patterns.delete(oldest);
  return compiled;
}

function compile(pattern: string): Parsed<GoPattern> {
  try {
    const compiled = RE2JS.compile(pattern);
    return parsed({ test: (text) => compiled.test(text), findAll: (text) => findAll(compiled, text) });
  } catch (error) {
    return unparsable(error instanceof Error ? error.message : String(error));
  }
}

function findAll(compiled: RE2JS, text: string): readonly string[] {
  const matcher = compiled.matcher(text);
  const found: string[] = [];
  while (matcher.find()) found.push(matcher.group() ?? '');
  return found;
}
