import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { HostFile } from '../../host-file.ts';
import type { Variable } from './variable.ts';

/** Where a container's variables go. */
export interface EnvPlacement {
  readonly files: readonly HostFile[];
  readonly settings: readonly Setting[];
}

/** What the placement is named after. */
export interface EnvSite {
  readonly uid: string;
  readonly container: string;
  readonly podmanName: string;
  /** Absolute folder of the state root. */
  readonly state: string;
}

/** Podman reads `--env-file` with lines of at most 64 KiB. */
const LINE_LIMIT = 60_000;

/**
 * Variables of one line go into a file that only root reads, as podman's `--env-file` takes them: literally. The others
 * become `Environment=` when they are no secret, else a podman secret that is made from a file before each start.
 */
export function placeEnv(variables: readonly Variable[], site: EnvSite): EnvPlacement {
  const inFile = variables.filter(fitsFile);
  const others = variables.filter((variable) => !fitsFile(variable));
  const secrets = others
    .filter((variable) => variable.isSecret)
    .map((variable, index) => placeSecret(variable, index, site));
  const path = `pods/${site.uid}/env/${site.container}.env`;
  return {
    files: [
      ...(inFile.length === 0 ? [] : [envFile(path, inFile)]),
      ...secrets.flatMap((placement) => placement.files),
    ],
    settings: [
      ...(inFile.length === 0
        ? []
        : [{ section: 'Container', key: 'EnvironmentFile', value: `${site.state}/${path}` }]),
      ...others
        .filter((variable) => !variable.isSecret)
        .map(({ name, value }) => ({ section: 'Container', key: 'Environment', value: `${name}=${value}` })),
      ...secrets.flatMap((placement) => placement.settings),
    ],
  };
}

function envFile(path: string, variables: readonly Variable[]): HostFile {
  const content = variables.map(({ name, value }) => `${name}=${value}\n`).join('');
  return { root: 'state', path, content, mode: 0o600 };
}

function fitsFile({ name, value }: Variable): boolean {
  return /^[^\s#]/.test(name) && !/[\r\n]/.test(value) && name.length + value.length * 4 < LINE_LIMIT;
}

function placeSecret({ name, value }: Variable, index: number, site: EnvSite): EnvPlacement {
  const path = `pods/${site.uid}/env/${site.container}.${index}.secret`;
  const secret = `${site.podmanName}_${index}`;
  return {
    files: [{ root: 'state', path, content: value, mode: 0o600 }],
    settings: [
      {
        section: 'Service',
        key: 'ExecStartPre',
        value: ['/usr/bin/podman', 'secret', 'create', '--replace', secret, `${site.state}/${path}`],
      },
      { section: 'Container', key: 'Secret', value: `${secret},type=env,target=${name}` },
      { section: 'Service', key: 'ExecStopPost', value: ['-/usr/bin/podman', 'secret', 'rm', '--ignore', secret] },
    ],
  };
}
