import { semanticEqual } from '../machinery/deep.ts';
import { child, forbiddenField, invalidValue, key, notSupported, required } from '../machinery/field-path.ts';
import { isDns1123Subdomain } from '../machinery/names.ts';
import { parseQuantity } from '../machinery/quantity.ts';
import { validateAccessModes } from './persistent-volume-claim-validation.ts';
import { validateNodeSelector } from './pod-spec/node-selector-validation.ts';
import { validateNoBacksteps } from './pod-spec/path-validation.ts';
import type { Draft, PersistentVolume } from './types.ts';
import { type Findings, validateEnum, validateImmutable, validateName, validateRequiredName } from './validation.ts';

type Object = Draft<PersistentVolume>;
type Spec = NonNullable<Object['spec']>;

/** Where a volume's data can be. */
const SOURCES = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'glusterfs',
  'hostPath',
  'iscsi',
  'local',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
] as const satisfies readonly (keyof Spec)[];
type Source = (typeof SOURCES)[number];

const POLICIES = ['Delete', 'Recycle', 'Retain'];
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

function sourcesOf(spec: Spec): readonly Source[] {
  return SOURCES.filter((source) => spec[source] !== undefined && spec[source] !== null);
}

const CHECKS: { readonly [source in Source]?: (spec: Spec, path: string) => Findings } = {
  hostPath: ({ hostPath = {} }, path) => {
    const { path: value = '', type = '' } = hostPath;
    const field = child(path, 'path');
    if (value === '') return [required(field)];
    const known = HOST_PATH_TYPES.includes(type);
    return [
      ...validateNoBacksteps(value, field),
      ...(known ? [] : [notSupported(child(path, 'type'), type, HOST_PATH_TYPES)]),
    ];
  },
  local: ({ local = {}, nodeAffinity }, path) => {
    const field = child(path, 'path');
    return [
      ...(local.path ? validateNoBacksteps(local.path, field) : [required(field)]),
      ...(nodeAffinity?.required ? [] : [required('metadata.annotations', 'Local volume requires node affinity')]),
    ];
  },
  nfs: ({ nfs = {} }, path) => [
    ...(nfs.server ? [] : [required(child(path, 'server'))]),
    ...(nfs.path ? [] : [required(child(path, 'path'))]),
    ...(nfs.path?.startsWith('/')
      ? []
      : [invalidValue(child(path, 'path'), nfs.path ?? '', 'must be an absolute path')]),
  ],
  csi: ({ csi = {} }, path) => [
    ...validateRequiredName(isDns1123Subdomain, csi.driver, child(path, 'driver')),
    ...(csi.volumeHandle ? [] : [required(child(path, 'volumeHandle'))]),
  ],
};

function validateSource(spec: Spec): Findings {
  const [first, ...more] = sourcesOf(spec);
  if (first === undefined) return [required('spec', 'must specify a volume type')];
  return [
    ...(CHECKS[first]?.(spec, child('spec', first)) ?? []),
    ...more.map((source) => forbiddenField(child('spec', source), 'may not specify more than 1 volume type')),
  ];
}

function validateCapacity({ capacity = {} }: Spec): Findings {
  const path = 'spec.capacity';
  const names = Object.keys(capacity);
  if (names.length === 0) return [required(path)];
  if (names.length > 1 || !names.includes('storage')) return [notSupported(path, capacity, ['storage'])];
  const text = capacity['storage'] ?? '';
  const parsed = parseQuantity(text);
  const positive = parsed.ok && parsed.value.nano > 0n;
  return positive ? [] : [invalidValue(key(path, 'storage'), text, 'must be greater than zero')];
}

function validateReclaim({ persistentVolumeReclaimPolicy: policy, hostPath }: Spec): Findings {
  const path = 'spec.persistentVolumeReclaimPolicy';
  const root = hostPath?.path === '/' && policy === 'Recycle';
  return [
    ...validateEnum(policy, path, POLICIES, 'optional'),
    ...(root ? [forbiddenField(path, "may not be 'recycle' for a hostPath mount of '/'")] : []),
  ];
}

function validateAffinity({ nodeAffinity }: Spec): Findings {
  if (!nodeAffinity) return [];
  const path = 'spec.nodeAffinity.required';
  if (!nodeAffinity.required) return [required(path, 'must specify required node constraints')];
  return validateNodeSelector(nodeAffinity.required, path);
}

/** `ValidatePersistentVolume`. */
export function validateVolume({ spec = {} }: Object): Findings {
  const { accessModes = [], storageClassName: name, volumeMode } = spec;
  return [
    ...(accessModes.length === 0
      ? [required('spec.accessModes')]
      : validateAccessModes(accessModes, 'spec.accessModes')),
    ...validateCapacity(spec),
    ...validateReclaim(spec),
    ...validateAffinity(spec),
    ...validateSource(spec),
    ...(name ? validateName(isDns1123Subdomain, name, 'spec.storageClassName') : []),
    ...validateEnum(volumeMode, 'spec.volumeMode', ['Block', 'Filesystem'], 'optional'),
  ];
}

/** `ValidatePersistentVolumeUpdate`: where the data is stays. */
export function validateVolumeUpdate({ spec = {} }: Object, { spec: old = {} }: Object): Findings {
  const moved = SOURCES.some((source) => !semanticEqual(spec[source], old[source]));
  const detail = 'spec.persistentvolumesource is immutable after creation';
  return [
    ...(moved ? [forbiddenField('spec.persistentvolumesource', detail)] : []),
    ...validateImmutable(spec.volumeMode, old.volumeMode, 'volumeMode'),
    ...(old.nodeAffinity ? validateImmutable(spec.nodeAffinity, old.nodeAffinity, 'nodeAffinity') : []),
  ];
}
