import { existsSync, readFileSync } from 'node:fs';

/** How tests ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** No test has run. */
export const NOTHING: Counts = { passed: 0, failed: 0 };

/** Both together. */
export function add(one: Counts, other: Counts): Counts {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
}

/**
 * Counts the tests of a vitest run by its JSON report. A run that failed without a failed test (a file that can't be
 * loaded, a setup that throws, no report at all) counts as one failure, and so does one that ran nothing.
 */
export function countsOf(status: number, report: string): Counts {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  const broken = status !== 0 || numPassedTests + numFailedTests === 0;
  return { passed: numPassedTests, failed: broken ? Math.max(numFailedTests, 1) : numFailedTests };
}
