import { defaultClassOf } from '../kinds/storage/default-class.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../kinds/types.ts';
import type { Controller, ObjectChange } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { namespaceOf, objectKey, splitKey } from './meta.ts';
import type { Resources } from './resources.ts';
import { claimsOf } from './storage-protection.ts';
import { bind, markLost, markPending, releaseBinding, setVolumePhase } from './volumes/apply-binding.ts';
import { type ClaimSnapshot, claimKeyOf, planClaim } from './volumes/plan-claim.ts';
import { planVolume } from './volumes/plan-volume.ts';
import { VOLUME_KEYS, withAnnotation } from './volumes/volume-facts.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

/** What the controller needs. */
export interface VolumeBindingOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
}

function snapshotFor(claim: PersistentVolumeClaim, { resources }: VolumeBindingOptions): ClaimSnapshot {
  const waits = (pod: Pod): boolean =>
    !pod.spec?.nodeName && !isPodFinished(pod) && claimsOf(pod).includes(claim.metadata?.name ?? '');
  return {
    volumes: resources.persistentVolumes.list(),
    findClass: (name) => (name === '' ? undefined : resources.storageClasses.find('', name)),
    defaultClass: defaultClassOf(resources.storageClasses.list()),
    waitingPods: resources.pods.list(namespaceOf(claim)).filter(waits),
  };
}

async function reconcileClaim(claim: PersistentVolumeClaim, options: VolumeBindingOptions): Promise<void> {
  const { resources, recorder } = options;
  const { persistentVolumeClaims: claims } = resources;
  const plan = planClaim(claim, snapshotFor(claim, options));
  switch (plan.action) {
    case 'bind':
      return bind(plan.volume, claim, resources);
    case 'classify':
      await claims.modify(claim, (now) =>
        now.spec?.storageClassName === undefined && now.spec !== undefined
          ? { ...now, spec: { ...now.spec, storageClassName: plan.storageClass } }
          : undefined,
      );
      return;
    case 'provision':
      await claims.modify(claim, (now) => askedFor(now, plan.provisioner));
      break;
    case 'pend':
      await markPending(claim, resources);
      break;
    case 'lose':
      if (!(await markLost(claim, resources))) return;
      break;
    case 'none':
      break;
    default:
      plan satisfies never;
  }
  if (plan.event !== undefined) recorder.record(claim, plan.event);
}

/** The claim, with the name of who shall make its volume. */
function askedFor(claim: PersistentVolumeClaim, provisioner: string): PersistentVolumeClaim {
  const named = withAnnotation(claim, VOLUME_KEYS.betaStorageProvisioner, provisioner);
  return withAnnotation(named, VOLUME_KEYS.storageProvisioner, provisioner);
}

async function reconcileVolume(volume: PersistentVolume, { resources, recorder }: VolumeBindingOptions): Promise<void> {
  const { namespace, name } = splitKey(claimKeyOf(volume) ?? '/');
  const claim = namespace === '' ? undefined : resources.persistentVolumeClaims.find(namespace, name);
  const plan = planVolume(volume, claim);
  switch (plan.action) {
    case 'none':
      return;
    case 'phase':
      await setVolumePhase(volume, { phase: plan.phase }, resources);
      return;
    case 'fail':
      await setVolumePhase(volume, { phase: 'Failed', message: plan.event.message }, resources);
      recorder.record(volume, plan.event);
      return;
    case 'unbind':
      return releaseBinding(volume, resources);
    case 'mismatch':
      recorder.record(volume, plan.onVolume);
      if (claim !== undefined) recorder.record(claim, plan.onClaim);
      return;
    default:
      plan satisfies never;
  }
}

/** A claim's change concerns it, and the volumes that it names or that name it. */
function claimChange({ entry, previous }: ObjectChange, { resources }: VolumeBindingOptions): readonly string[] {
  const key = objectKey(entry.object);
  const named = [entry.object, previous?.object].map((each) => (each as PersistentVolumeClaim | undefined)?.spec);
  const volumes = named.flatMap((spec) => (spec?.volumeName ? [`/${spec.volumeName}`] : []));
  const naming = resources.persistentVolumes.list().filter((volume) => claimKeyOf(volume) === key);
  return [...new Set([key, ...volumes, ...naming.map(objectKey)])];
}

/** Claims that have no volume yet. */
function unboundClaims({ resources }: VolumeBindingOptions): readonly string[] {
  return resources.persistentVolumeClaims
    .list()
    .filter(({ status }) => status?.phase !== 'Bound')
    .map(objectKey);
}

/** A volume's change concerns it, its claim, those that name it, and when it is free those that wait for one. */
function volumeChange({ entry, type }: ObjectChange, options: VolumeBindingOptions): readonly string[] {
  const volume = entry.object as PersistentVolume;
  const claim = claimKeyOf(volume);
  const name = volume.metadata?.name;
  const naming = options.resources.persistentVolumeClaims.list().filter((each) => each.spec?.volumeName === name);
  const waiting = claim === undefined && type !== 'DELETED' ? unboundClaims(options) : [];
  return [
    ...new Set([objectKey(volume), ...(claim === undefined ? [] : [claim]), ...naming.map(objectKey), ...waiting]),
  ];
}

/**
 * Brings claims and volumes together, as upstream's persistent volume controller does: static volumes by size, class,
 * modes and labels, bindings that one side asks for, and what becomes of both when one goes. Who makes volumes, and deletes
 * them, is asked through annotations. One thing at a time, so that no volume is given away twice.
 */
export function persistentVolumeBinding(options: VolumeBindingOptions): Controller {
  const { resources } = options;
  return {
    name: 'persistent-volume-binding',
    inputs: [
      { resource: '/persistentvolumeclaims', keys: (change) => claimChange(change, options) },
      { resource: '/persistentvolumes', keys: (change) => volumeChange(change, options) },
      { resource: 'storage.k8s.io/storageclasses', keys: () => unboundClaims(options) },
    ],
    outputs: [
      { what: '/persistentvolumes#spec.claimRef', mode: 'exclusive' },
      { what: '/persistentvolumes#status.phase', mode: 'exclusive' },
      { what: '/persistentvolumeclaims#spec.volumeName', mode: 'exclusive' },
      { what: '/persistentvolumeclaims#status.phase', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const volume = namespace === '' ? resources.persistentVolumes.find('', name) : undefined;
      const claim = namespace === '' ? undefined : resources.persistentVolumeClaims.find(namespace, name);
      if (volume !== undefined) await reconcileVolume(volume, options);
      if (claim !== undefined) await reconcileClaim(claim, options);
      return undefined;
    },
  };
}
