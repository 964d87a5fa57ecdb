import type { FieldError } from '../../machinery/field-error.ts';
import { invalidValue } from '../../machinery/field-path.ts';

/** How strict a policy is. */
export type Level = 'privileged' | 'baseline' | 'restricted';

/** A level as some minor version of Kubernetes defined it. */
export interface LevelVersion {
  readonly level: Level;
  /** `latest` or the minor version. */
  readonly version: 'latest' | number;
}

/** What a namespace asks for. */
export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

type Labels = { readonly [key: string]: string };
type Mode = keyof Policy;

const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const PREFIX = 'pod-security.kubernetes.io/';
const NOTHING: LevelVersion = { level: 'privileged', version: 'latest' };

function parseLevel(text: string): Level | undefined {
  return LEVELS.find((level) => level === text);
}

function parseVersion(text: string): LevelVersion['version'] | undefined {
  if (text === 'latest') return 'latest';
  const minor = /^v1\.(\d|[1-9]\d*)$/.exec(text)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** An unreadable level is the strictest one to enforce, and none to speak of. */
function levelVersion(labels: Labels, mode: Mode): LevelVersion {
  const [level, version] = [labels[`${PREFIX}${mode}`], labels[`${PREFIX}${mode}-version`]];
  const fallback = mode === 'enforce' ? 'restricted' : 'privileged';
  return {
    level: level === undefined ? 'privileged' : (parseLevel(level) ?? fallback),
    version: version === undefined ? 'latest' : (parseVersion(version) ?? 'latest'),
  };
}

/** Negative, zero or positive as `a` is looser than, as strict as or stricter than `b`. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b);
}

/** `restricted:latest`, `baseline:v1.30`. */
export function printLevel({ level, version }: LevelVersion): string {
  return `${level}:${version === 'latest' ? version : `v1.${version}`}`;
}

/** `PolicyToEvaluate`: warnings follow what is enforced unless something else is said of them. */
export function policyOf(labels: Labels | undefined): Policy {
  if (labels === undefined) return { enforce: NOTHING, audit: NOTHING, warn: NOTHING };
  const [enforce, audit, warn] = [
    levelVersion(labels, 'enforce'),
    levelVersion(labels, 'audit'),
    levelVersion(labels, 'warn'),
  ];
  const given = parseLevel(labels[`${PREFIX}enforce`] ?? '') !== undefined;
  if (labels[`${PREFIX}warn`] !== undefined || !given) return { enforce, audit, warn };
  const version = labels[`${PREFIX}warn-version`] === undefined ? enforce.version : warn.version;
  return { enforce, audit, warn: { level: enforce.level, version } };
}

/** What is wrong with the labels. */
export function validatePolicyLabels(labels: Labels | undefined): readonly FieldError[] {
  const found: FieldError[] = [];
  const check = (label: string, isRight: (value: string) => boolean, detail: string): void => {
    const value = labels?.[label];
    if (value !== undefined && !isRight(value)) found.push(invalidValue(`metadata.labels[${label}]`, value, detail));
  };
  for (const mode of ['enforce', 'audit', 'warn'] as const) {
    check(`${PREFIX}${mode}`, (value) => parseLevel(value) !== undefined, `must be one of ${LEVELS.join(', ')}`);
    check(`${PREFIX}${mode}-version`, (value) => parseVersion(value) !== undefined, 'must be "latest" or "v1.x"');
  }
  return found;
}
