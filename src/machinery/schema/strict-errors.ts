import { goQuote } from '../go-format.ts';

/** What strict decoding found beside the value. */
export interface StrictFindings {
  readonly unknown: readonly string[];
  readonly duplicates: readonly string[];
}

/** The findings as `Warning:` headers say them (`fieldValidation=Warn`). */
export function strictFindings(findings: StrictFindings): readonly string[] {
  return [
    ...findings.duplicates.map((path) => `duplicate field ${goQuote(path)}`),
    ...findings.unknown.map((path) => `unknown field ${goQuote(path)}`),
  ];
}

/** `strict decoding error: unknown field "spec.foo"`, or undefined when nothing was found. */
export function strictDecodingError(findings: StrictFindings): string | undefined {
  const lines = strictFindings(findings);
  return lines.length === 0 ? undefined : `strict decoding error: ${lines.join(', ')}`;
}
