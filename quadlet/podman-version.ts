/** A Podman version as far as features depend on it: `[5, 4]`. */
export type PodmanVersion = readonly [major: number, minor: number];

/** The oldest Podman that is supported: `.pod` units have ServiceName and StartWithPod since then. */
export const oldestPodman: PodmanVersion = [5, 3];

/** `5.4.2` → `[5, 4]`. Undefined when it isn't a version. */
export function parsePodmanVersion(text: string): PodmanVersion | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

/** Whether `version` is `wanted` or newer. */
export function isAtLeast(version: PodmanVersion, wanted: PodmanVersion): boolean {
  return version[0] > wanted[0] || (version[0] === wanted[0] && version[1] >= wanted[1]);
}
