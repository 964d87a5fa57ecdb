import type { LocalVolumes } from '../host/local-volumes.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../kinds/types.ts';
import { quantityToNumber } from '../machinery/quantity.ts';
import type { Controller, ObjectChange } from './controller.ts';
import type { EventRecorder, Happening } from './events.ts';
import { nameOf, objectKey, splitKey, uidOf } from './meta.ts';
import { isStatus, type Resources } from './resources.ts';
import { claimUidOf, folderToDelete, planProvisioning, rootOf, volumeFor } from './volumes/plan-provisioning.ts';
import { classOf, LOCAL_PROVISIONER, provisionedName, storageOf, VOLUME_KEYS } from './volumes/volume-facts.ts';

/** What the provisioner needs. */
export interface VolumeProvisioningOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly folders: LocalVolumes;
  readonly nodeName: string;
  /** Absolute folder of volumes whose class names none. */
  readonly defaultRoot: string;
}

function say(type: Happening['type'], reason: string, message: string): Happening {
  return { type, reason, message, component: LOCAL_PROVISIONER };
}

/** Says that a volume may outgrow its size; it is no reason not to have it. */
function tellUnlimited(claim: PersistentVolumeClaim, why: string, { recorder }: VolumeProvisioningOptions): void {
  recorder.record(claim, say('Warning', 'VolumeSizeNotEnforced', `The volume may outgrow its capacity: ${why}`));
}

interface Making {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
  readonly place: { readonly root: string; readonly name: string };
}

/** First the folder, then the object that tells of it: what lies between is found again by the folder's mark. */
async function make({ claim, storageClass, place }: Making, options: VolumeProvisioningOptions): Promise<void> {
  const { resources, recorder, folders } = options;
  const message = `External provisioner is provisioning volume for claim "${objectKey(claim)}"`;
  recorder.record(claim, say('Normal', 'Provisioning', message));
  const path = await folders.begin(place);
  const limit = await folders.limit(place, quantityToNumber(storageOf(claim.spec?.resources?.requests)));
  try {
    await resources.persistentVolumes.create(volumeFor(claim, storageClass, path));
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
  }
  await folders.finish(place);
  if (!limit.enforced) tellUnlimited(claim, limit.why, options);
  const success = `Successfully provisioned volume ${provisionedName(claim)}`;
  recorder.record(claim, say('Normal', 'ProvisioningSucceeded', success));
}

async function reconcileClaim(claim: PersistentVolumeClaim, options: VolumeProvisioningOptions): Promise<void> {
  const { resources, recorder, nodeName, defaultRoot } = options;
  const storageClass = resources.storageClasses.find('', classOf(claim));
  const plan = planProvisioning(claim, { storageClass, nodeName, defaultRoot });
  if (plan.action === 'refuse') recorder.record(claim, say('Warning', 'ProvisioningFailed', plan.message));
  if (plan.action !== 'make' || storageClass === undefined) return;
  if (resources.persistentVolumes.find('', provisionedName(claim)) !== undefined) return;
  try {
    await make({ claim, storageClass, place: plan }, options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `failed to provision volume with StorageClass "${nameOf(storageClass)}": ${why}`;
    recorder.record(claim, say('Warning', 'ProvisioningFailed', message));
    throw error;
  }
}

/** First the data, then the object: whatever interrupts this, the object is still there to ask for the rest. */
async function reconcileVolume(volume: PersistentVolume, options: VolumeProvisioningOptions): Promise<void> {
  const { resources, recorder, folders } = options;
  const place = folderToDelete(volume);
  if (place === undefined) return;
  try {
    await folders.remove(place);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    recorder.record(volume, say('Warning', 'VolumeFailedDelete', why));
    throw error;
  }
  const released = await resources.persistentVolumes.modify(volume, (now) => ({
    ...now,
    metadata: {
      ...now.metadata,
      finalizers: now.metadata?.finalizers?.filter((each) => each !== VOLUME_KEYS.deletionFinalizer),
    },
  }));
  if (released !== undefined) await resources.persistentVolumes.delete(released);
}

/** Takes up what an earlier process was killed in. */
async function tidy(root: string, { resources, folders }: VolumeProvisioningOptions): Promise<void> {
  await folders.sweep(root);
  const wanted = new Set(resources.persistentVolumeClaims.list().map(uidOf));
  for (const name of await folders.begun(root)) {
    const uid = claimUidOf(name);
    if (resources.persistentVolumes.find('', `pvc-${uid}`) !== undefined) await folders.finish({ root, name });
    else if (!wanted.has(uid)) await folders.abandon({ root, name });
  }
}

/** Folders that volumes of ours are in. */
function roots({ resources, defaultRoot }: VolumeProvisioningOptions): readonly string[] {
  const ours = resources.storageClasses.list().filter(({ provisioner }) => provisioner === LOCAL_PROVISIONER);
  return [...new Set([defaultRoot, ...ours.map((each) => rootOf(each, defaultRoot))])];
}

const TIDY = 'tidy ';

function claimsOfClass({ entry }: ObjectChange, { resources }: VolumeProvisioningOptions): readonly string[] {
  const name = nameOf(entry.object);
  return resources.persistentVolumeClaims
    .list()
    .filter((claim) => !claim.spec?.volumeName && classOf(claim) === name)
    .map(objectKey);
}

/** A claim's own key; when it is gone, what was begun for it is looked at. */
function claimKeys({ type, entry }: ObjectChange, options: VolumeProvisioningOptions): readonly string[] {
  return type === 'DELETED' ? roots(options).map((root) => `${TIDY}${root}`) : [objectKey(entry.object)];
}

/**
 * Makes volumes out of folders of this machine for the claims whose class asks for it, and deletes them when they are
 * released: what an external provisioner does elsewhere.
 */
export function volumeProvisioning(options: VolumeProvisioningOptions): Controller {
  const { resources } = options;
  return {
    name: 'volume-provisioning',
    concurrency: 4,
    inputs: [
      { resource: '/persistentvolumeclaims', keys: (change) => claimKeys(change, options) },
      { resource: '/persistentvolumes', keys: ({ entry }) => [objectKey(entry.object)] },
      { resource: 'storage.k8s.io/storageclasses', keys: (change) => claimsOfClass(change, options) },
    ],
    outputs: [
      { what: 'folders of volumes', mode: 'exclusive' },
      { what: '/persistentvolumes of ours', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    extraKeys: async () => roots(options).map((root) => `${TIDY}${root}`),
    reconcile: async (key) => {
      if (key.startsWith(TIDY)) {
        await tidy(key.slice(TIDY.length), options);
        return undefined;
      }
      const { namespace, name } = splitKey(key);
      const volume = namespace === '' ? resources.persistentVolumes.find('', name) : undefined;
      const claim = namespace === '' ? undefined : resources.persistentVolumeClaims.find(namespace, name);
      if (volume !== undefined) await reconcileVolume(volume, options);
      if (claim !== undefined) await reconcileClaim(claim, options);
      return undefined;
    },
  };
}
