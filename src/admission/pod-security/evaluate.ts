import { baselineChecks } from './baseline-checks.ts';
import type { Check, CheckPod, PodShape, Violation } from './check.ts';
import type { LevelVersion } from './policy.ts';
import { restrictedChecks } from './restricted-checks.ts';

/** The minor version that `latest` means. */
const LATEST_MINOR = 36;

/** The form of a check that a version has, if it has it at all. */
function checkAt({ versions }: Check, minor: number): CheckPod | undefined {
  return versions.findLast(([since]) => since <= minor)?.[1];
}

function checksOf({ level, version }: LevelVersion): readonly CheckPod[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? LATEST_MINOR : Math.min(version, LATEST_MINOR);
  const restricted = level === 'restricted' ? restrictedChecks.filter((check) => checkAt(check, minor)) : [];
  const overridden = restricted.flatMap((check) => check.overrides ?? []);
  const baseline = baselineChecks.filter((check) => !overridden.includes(check.id));
  return [...baseline, ...restricted].flatMap((check) => checkAt(check, minor) ?? []);
}

/** Everything about a pod that a level forbids. */
export function evaluatePod(level: LevelVersion, pod: PodShape): readonly Violation[] {
  return checksOf(level).flatMap((check) => check(pod) ?? []);
}

/** The violations in one line, with or without their details. */
export function printViolations(violations: readonly Violation[], details: 'with details' | 'reasons only'): string {
  return violations
    .map(({ reason, detail }) => (details === 'with details' && detail !== '' ? `${reason} (${detail})` : reason))
    .join(', ');
}
