import type { FieldError } from '../../machinery/field-error.ts';
import {
  child,
  duplicate,
  forbiddenField,
  index,
  invalidValue,
  notSupported,
  required,
} from '../../machinery/field-path.ts';
import { isDns1123Label } from '../../machinery/names.ts';
import { parseQuantity } from '../../machinery/quantity.ts';
import { validateClaimSpec } from '../persistent-volume-claim-validation.ts';
import type { Sparse, Volume } from '../types.ts';
import { type Findings, validateRequiredName } from '../validation.ts';
import { validateNoBacksteps } from './path-validation.ts';
import { validateDownwardFiles, validateItems, validateMode, validateProjected } from './projection-validation.ts';
import { volumeSources } from './volume-defaults.ts';

type Source = Sparse<Volume>;
type SourceName = ReturnType<typeof volumeSources>[number];
type Check = (volume: Source, path: string) => Findings;

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

function requireFields<K extends string>(
  source: { readonly [_ in K]?: string },
  path: string,
  names: readonly K[],
): Findings {
  return names.filter((name) => !source[name]).map((name) => required(child(path, name)));
}

const hostPath: Check = (volume, path) => {
  const { path: value = '', type = '' } = volume.hostPath ?? {};
  if (value === '') return [required(child(path, 'path'))];
  return [
    ...validateNoBacksteps(value, child(path, 'path')),
    ...(HOST_PATH_TYPES.includes(type) ? [] : [notSupported(child(path, 'type'), type, HOST_PATH_TYPES)]),
  ];
};

const emptyDir: Check = (volume, path) => {
  const limit = volume.emptyDir?.sizeLimit;
  const parsed = limit === undefined ? undefined : parseQuantity(limit);
  const sound = parsed === undefined || (parsed.ok && parsed.value.nano >= 0n);
  const detail = 'SizeLimit field must be a valid resource quantity';
  return sound ? [] : [forbiddenField(child(path, 'sizeLimit'), detail)];
};

const secret: Check = ({ secret: source = {} }, path) => [
  ...requireFields(source, path, ['secretName']),
  ...validateMode(source.defaultMode, child(path, 'defaultMode')),
  ...validateItems(source.items, child(path, 'items')),
];

const configMap: Check = ({ configMap: source = {} }, path) => [
  ...requireFields(source, path, ['name']),
  ...validateMode(source.defaultMode, child(path, 'defaultMode')),
  ...validateItems(source.items, child(path, 'items')),
];

const downwardApi: Check = ({ downwardAPI: source = {} }, path) => [
  ...validateMode(source.defaultMode, child(path, 'defaultMode')),
  ...validateDownwardFiles(source.items, path),
];

const nfs: Check = ({ nfs: source = {} }, path) => [
  ...requireFields(source, path, ['server', 'path']),
  ...(source.path && !source.path.startsWith('/')
    ? [invalidValue(child(path, 'path'), source.path, 'must be an absolute path')]
    : []),
];

const ephemeral: Check = (volume, path) => {
  const template = volume.ephemeral?.volumeClaimTemplate;
  const field = child(path, 'volumeClaimTemplate');
  return template ? validateClaimSpec(template.spec ?? {}, child(field, 'spec')) : [required(field)];
};

/** The sources with rules of their own; others pass as the schema has them. */
const CHECKS: { readonly [name in SourceName]?: Check } = {
  hostPath,
  emptyDir,
  secret,
  configMap,
  downwardAPI: downwardApi,
  projected: (volume, path) => validateProjected(volume.projected ?? {}, path),
  nfs,
  ephemeral,
  csi: (volume, path) => requireFields(volume.csi ?? {}, path, ['driver']),
  persistentVolumeClaim: (volume, path) => requireFields(volume.persistentVolumeClaim ?? {}, path, ['claimName']),
};

function validateSource(volume: Source, path: string): Findings {
  const [first, ...more] = volumeSources(volume);
  if (first === undefined) return [required(path, 'must specify a volume type')];
  return [
    ...more.map((name) => forbiddenField(child(path, name), 'may not specify more than 1 volume type')),
    ...(CHECKS[first]?.(volume, child(path, first)) ?? []),
  ];
}

/** Findings about the volumes, and the names of those that may be mounted. */
export interface VolumeFindings {
  readonly errors: readonly FieldError[];
  readonly names: ReadonlySet<string>;
}

/** `ValidateVolumes`. */
export function validateVolumes(volumes: readonly Source[], path: string): VolumeFindings {
  const names = new Set<string>();
  const errors = volumes.flatMap((volume, position) => {
    const at = index(path, position);
    const { name = '' } = volume;
    const found = [
      ...validateSource(volume, at),
      ...validateRequiredName(isDns1123Label, name, child(at, 'name')),
      ...(names.has(name) ? [duplicate(child(at, 'name'), name)] : []),
    ];
    if (found.length === 0) names.add(name);
    return found;
  });
  return { errors, names };
}
