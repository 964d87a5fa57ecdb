import { applyClaimSpecDefaults } from '../persistent-volume-claim-defaults.ts';
import type { Sparse, Volume } from '../types.ts';
import { defined } from './defined.ts';

type Source = Sparse<Volume>;

/** 0644. */
const DEFAULT_MODE = 0o644;

const SOURCES = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'hostPath',
  'image',
  'iscsi',
  'nfs',
  'persistentVolumeClaim',
  'photonPersistentDisk',
  'portworxVolume',
  'projected',
  'quobyte',
  'rbd',
  'scaleIO',
  'secret',
  'storageos',
  'vsphereVolume',
] as const satisfies readonly (keyof Volume)[];

/** The volume types that are set. */
export function volumeSources(volume: Source): readonly (typeof SOURCES)[number][] {
  return SOURCES.filter((source) => volume[source] !== undefined && volume[source] !== null);
}

function withMode<T extends { readonly defaultMode?: number }>(source: T | undefined): T | undefined {
  return source && { ...source, defaultMode: source.defaultMode ?? DEFAULT_MODE };
}

type Items = NonNullable<NonNullable<Source['downwardAPI']>['items']>;

function itemDefaults(items: Items | undefined): Items | undefined {
  return items?.map((item) =>
    item.fieldRef && !item.fieldRef.apiVersion ? { ...item, fieldRef: { ...item.fieldRef, apiVersion: 'v1' } } : item,
  );
}

function downwardDefaults(source: Source['downwardAPI']): Source['downwardAPI'] {
  return source && { ...source, ...withMode(source), ...defined('items', itemDefaults(source.items)) };
}

type Projection = NonNullable<NonNullable<Source['projected']>['sources']>[number];

function projectionDefaults(source: Projection): Projection {
  const { serviceAccountToken: token, downwardAPI: downward } = source;
  return {
    ...source,
    ...defined('serviceAccountToken', token && { ...token, expirationSeconds: token.expirationSeconds ?? 3600 }),
    ...defined('downwardAPI', downward && { ...downward, ...defined('items', itemDefaults(downward.items)) }),
  };
}

function projectedDefaults(projected: Source['projected']): Source['projected'] {
  return (
    projected && {
      ...withMode(projected),
      ...defined('sources', projected.sources?.map(projectionDefaults)),
    }
  );
}

function ephemeralDefaults(source: Source['ephemeral']): Source['ephemeral'] {
  const template = source?.volumeClaimTemplate;
  if (!source || !template) return source;
  return { ...source, volumeClaimTemplate: { ...template, spec: applyClaimSpecDefaults(template.spec ?? {}) } };
}

function hostPathDefaults(source: Source['hostPath']): Source['hostPath'] {
  return source && { ...source, type: source.type ?? '' };
}

/** `SetDefaults_Volume` and those of its sources; a volume without a source is an emptyDir. */
export function applyVolumeDefaults(volume: Source): Source {
  const source = volumeSources(volume).length === 0 ? { emptyDir: {} } : {};
  return {
    ...volume,
    ...source,
    ...defined('hostPath', hostPathDefaults(volume.hostPath)),
    ...defined('secret', withMode(volume.secret)),
    ...defined('configMap', withMode(volume.configMap)),
    ...defined('downwardAPI', downwardDefaults(volume.downwardAPI)),
    ...defined('projected', projectedDefaults(volume.projected)),
    ...defined('ephemeral', ephemeralDefaults(volume.ephemeral)),
  };
}
