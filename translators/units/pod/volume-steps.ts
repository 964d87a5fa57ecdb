import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { Volume } from '../../../src/kinds/types.ts';
import type { Report } from './report.ts';

/** Checks per hostPath type, as shell. `$1` is the path. What exists with another type makes the start fail. */
const HOST_PATH_CHECKS: { readonly [type: string]: string } = {
  '': '[ -e "$1" ] || mkdir -p "$1"',
  DirectoryOrCreate: '[ -d "$1" ] || mkdir -p -m 0755 "$1"',
  Directory: '[ -d "$1" ]',
  FileOrCreate: '[ -f "$1" ] || (umask 022; : >> "$1")',
  File: '[ -f "$1" ]',
  Socket: '[ -S "$1" ]',
  CharDevice: '[ -c "$1" ]',
  BlockDevice: '[ -b "$1" ]',
};

/** The check of a hostPath before the pod starts. */
export function hostPathChecks(
  hostPath: NonNullable<Volume['hostPath']>,
  path: string,
  report: Report,
): readonly Setting[] {
  const { path: source, type, ...unhandled } = hostPath;
  unhandled satisfies Record<PropertyKey, never>;
  const check = HOST_PATH_CHECKS[type ?? ''];
  if (check === undefined) {
    report.refuse(`${path}.hostPath.type`, `"${type}" is not supported`);
    return [];
  }
  return [shellStep('ExecStartPre', check, [source])];
}

/** A step of a unit: a shell script with its arguments from `$1` on. */
export function shellStep(
  key: 'ExecStartPre' | 'ExecStopPost',
  script: string,
  parameters: readonly string[],
): Setting {
  return { section: 'Service', key, value: ['/bin/sh', '-c', script, 'sh', ...parameters] };
}
