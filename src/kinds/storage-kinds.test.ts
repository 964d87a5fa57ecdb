import { describe, expect, it } from 'vitest';
import { findingsOf, rowOf, updateFindingsOf } from './findings-of.ts';
import { persistentVolumeKind } from './persistent-volume.ts';
import { persistentVolumeClaimKind } from './persistent-volume-claim.ts';
import { csiDriverKind } from './storage/csi-driver.ts';
import { csiNodeKind } from './storage/csi-node.ts';
import { volumeAttachmentKind } from './storage/volume-attachment.ts';
import { volumeAttributesClassKind } from './storage/volume-attributes-class.ts';
import { storageClassKind } from './storage-class.ts';

describe('a PersistentVolume', () => {
  const volume = (spec: object) => ({
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' }, ...spec },
  });

  it.each([
    [{}, []],
    [{ capacity: undefined }, ['spec.capacity: Required value']],
    [{ capacity: { storage: '0' } }, ['spec.capacity[storage]: Invalid value: "0": must be greater than zero']],
    [{ accessModes: [] }, ['spec.accessModes: Required value']],
    [{ hostPath: undefined }, ['spec: Required value: must specify a volume type']],
    [{ nfs: { server: 'a', path: '/' } }, ['spec.nfs: Forbidden: may not specify more than 1 volume type']],
    [
      { hostPath: undefined, local: { path: '/x' } },
      ['metadata.annotations: Required value: Local volume requires node affinity'],
    ],
    [
      { hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' },
      ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
    ],
    [
      { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In' }] }] } } },
      [
        "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
  ])('%j', (spec, findings) => {
    expect(findingsOf(persistentVolumeKind, volume(spec))).toEqual(findings);
  });

  it('keeps its data where it is', () => {
    expect(updateFindingsOf(persistentVolumeKind, volume({ hostPath: { path: '/other' } }), volume({}))).toEqual([
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
    ]);
  });
});

describe('a claim', () => {
  const claim = (storage: string, more: object = {}) => ({
    spec: { accessModes: ['ReadWriteOnce'], volumeName: 'v', resources: { requests: { storage } } },
    ...more,
  });

  it('grows, and shrinks no further than what it has', () => {
    const has = { status: { capacity: { storage: '1Gi' } } };
    expect(updateFindingsOf(persistentVolumeClaimKind, claim('3Gi'), claim('2Gi', has))).toEqual([]);
    expect(updateFindingsOf(persistentVolumeClaimKind, claim('1536Mi'), claim('2Gi', has))).toEqual([]);
    expect(updateFindingsOf(persistentVolumeClaimKind, claim('1Gi'), claim('2Gi', has))).toEqual([
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ]);
  });

  it('comes from a claim or from something with a group', () => {
    const dataSource = { kind: 'VolumeSnapshot', name: 'a' };
    expect(findingsOf(persistentVolumeClaimKind, { spec: { ...claim('1Gi').spec, dataSource } })).toEqual([
      `spec.dataSource: Invalid value: "VolumeSnapshot": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
    ]);
  });
});

it('a StorageClass keeps everything but whether volumes may grow', () => {
  const old = { provisioner: 'a', parameters: { x: '1' }, reclaimPolicy: 'Delete' };
  const next = { provisioner: 'b', parameters: {}, reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' };
  expect(updateFindingsOf(storageClassKind, next, old)).toEqual([
    'parameters: Forbidden: updates to parameters are forbidden.',
    'provisioner: Forbidden: updates to provisioner are forbidden.',
    'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ]);
  expect(findingsOf(storageClassKind, { reclaimPolicy: 'Recycle' })).toEqual([
    'provisioner: Required value',
    'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
  ]);
});

it('a CSIDriver has upstream defaults, columns and bounds', () => {
  const driver = {
    metadata: { name: 'd' },
    spec: { tokenRequests: [{ audience: 'a' }, { audience: 'a', expirationSeconds: 1 }] },
  };
  expect(findingsOf(csiDriverKind, driver)).toEqual([
    'spec.tokenRequests[1].audience: Duplicate value: "a"',
    'spec.tokenRequests[1].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
  ]);
  expect(rowOf(csiDriverKind, csiDriverKind.applyDefaults({ metadata: { name: 'd' } }))).toMatchObject({
    AttachRequired: true,
    PodInfoOnMount: false,
    TokenRequests: '<unset>',
    Modes: 'Persistent',
  });
});

it('a CSINode lets a driver change nothing but what fits', () => {
  const node = (driver: object) => ({ spec: { drivers: [{ name: 'a.b', nodeID: 'n', ...driver }] } });
  expect(updateFindingsOf(csiNodeKind, node({ allocatable: { count: 2 } }), node({}))).toEqual([]);
  expect(updateFindingsOf(csiNodeKind, node({ nodeID: 'm' }), node({}))).toHaveLength(1);
});

it('a VolumeAttachment has one source', () => {
  const spec = { attacher: 'a.b', nodeName: 'n' };
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  expect(findingsOf(volumeAttachmentKind, { spec })).toEqual([`spec.source: Required value: ${one}`]);
  const source = { persistentVolumeName: 'v', inlineVolumeSpec: {} };
  expect(findingsOf(volumeAttachmentKind, { spec: { ...spec, source } })).toEqual([`spec.source: Forbidden: ${one}`]);
});

it('a VolumeAttributesClass has parameters', () => {
  expect(findingsOf(volumeAttributesClassKind, { driverName: 'a.b' })).toEqual([
    'parameters: Required value: must contain at least one key/value pair',
  ]);
});
