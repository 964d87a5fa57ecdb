/** The Kubernetes version whose API this is, with our name. */
export const SERVER_VERSION = 'v1.36.4+quadshift';

/** `GET /version`: `version.Info`. */
export function versionInfo(): object {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return {
    major: '1',
    minor: '36',
    emulationMajor: '1',
    emulationMinor: '36',
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '35',
    gitVersion: SERVER_VERSION,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node${process.versions.node}`,
    compiler: 'v8',
    platform: `linux/${architecture}`,
  };
}
