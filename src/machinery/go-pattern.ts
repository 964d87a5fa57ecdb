import { RE2JS } from 're2js';
import { type Parsed, parsed, unparsable } from './parsed.ts';

/** A regular expression as Go reads it: time is linear in the text, whatever the pattern. */
export interface GoPattern {
  /** Whether it is found anywhere in the text. */
  readonly test: (text: string) => boolean;
  /** Every match, one after the other. */
  readonly findAll: (text: string) => readonly string[];
}

const patterns = new Map<string, Parsed<GoPattern>>();
/** Patterns are few, but a client can make any number of them. */
const MAX_PATTERNS = 5000;

/** Compiles a pattern; a failure has Go's words. What was compiled is remembered. */
export function compilePattern(pattern: string): Parsed<GoPattern> {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  if (patterns.size >= MAX_PATTERNS) patterns.clear();
  const compiled = compile(pattern);
  patterns.set(pattern, compiled);
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
