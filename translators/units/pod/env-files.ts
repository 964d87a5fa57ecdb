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
  /** Absolute folder on tmpfs. */
  readonly runtime: string;
}

/** Podman reads `--env-file` with lines of at most 64 KiB. */
const LINE_LIMIT = 60_000;

/**
 * Variables of one line go into a file that only root reads, as podman's `--env-file` takes them: literally; those that
 * are secret into one on tmpfs. The others become `Environment=` when they are no secret, else a podman secret, kept on tmpfs
 * too, that is made from a file before each start.
 */
export function placeEnv(variables: readonly Variable[], site: EnvSite): EnvPlacement {
  const inFile = variables.filter((variable) => fitsFile(variable) && !variable.isSecret);
  const inSecretFile = variables.filter((variable) => fitsFile(variable) && variable.isSecret);
  const others = variables.filter((variable) => !fitsFile(variable));
  const secrets = others
    .filter((variable) => !fitsOption(variable))
    .map((variable, index) => placeSecret(variable, index, site));
  const path = `pods/${site.uid}/env/${site.container}.env`;
  const secretPath = `pods/${site.uid}/env/${site.container}.secret.env`;
  return {
    files: [
      ...(inFile.length === 0 ? [] : [envFile({ root: 'state', path }, inFile)]),
      ...(inSecretFile.length === 0 ? [] : [envFile({ root: 'sealed', path: secretPath }, inSecretFile)]),
      ...secrets.flatMap((placement) => placement.files),
    ],
    settings: [
      ...(inFile.length === 0 ? [] : [environmentFile(`${site.state}/${path}`)]),
      ...(inSecretFile.length === 0 ? [] : [environmentFile(`${site.runtime}/${secretPath}`)]),
      ...others
        .filter(fitsOption)
        .map(({ name, value }) => ({ section: 'Container', key: 'Environment', value: `${name}=${value}` })),
      ...secrets.flatMap((placement) => placement.settings),
    ],
  };
}

function environmentFile(value: string): Setting {
  return { section: 'Container', key: 'EnvironmentFile', value };
}

function envFile(at: Pick<HostFile, 'root' | 'path'>, variables: readonly Variable[]): HostFile {
  const content = variables.map(({ name, value }) => `${name}=${value}\n`).join('');
  return { ...at, content, mode: 0o600 };
}

function fitsFile({ name, value }: Variable): boolean {
  return /^[^\s#]/.test(name) && !/[\r\n]/.test(value) && name.length + value.length * 4 < LINE_LIMIT;
}

/** Podman's `--env` makes of a carriage return before a line feed nothing at all. */
function fitsOption({ value, isSecret }: Variable): boolean {
  return !isSecret && !value.includes('\r');
}

function placeSecret({ name, value }: Variable, index: number, site: EnvSite): EnvPlacement {
  const path = `pods/${site.uid}/env/${site.container}.${index}.secret`;
  const secret = `${site.podmanName}_${index}`;
  const driver = ['--driver=file', `--driver-opts=path=${site.runtime}/podman-secrets`];
  return {
    files: [{ root: 'sealed', path, content: value, mode: 0o600 }],
    settings: [
      {
        section: 'Service',
        key: 'ExecStartPre',
        value: ['/usr/bin/podman', 'secret', 'create', '--replace', ...driver, secret, `${site.runtime}/${path}`],
      },
      { section: 'Container', key: 'Secret', value: `${secret},type=env,target=${name}` },
      { section: 'Service', key: 'ExecStopPost', value: ['-/usr/bin/podman', 'secret', 'rm', '--ignore', secret] },
    ],
  };
}
