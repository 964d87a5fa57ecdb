import type { LocalVolumes } from '../host/local-volumes.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../kinds/types.ts';
import { formatQuantity, quantityToNumber } from '../machinery/quantity.ts';
import type { Controller } from './controller.ts';
import type { EventRecorder, Happening } from './events.ts';
import { objectKey, splitKey, uidOf } from './meta.ts';
import type { Resources } from './resources.ts';
import { annotationOf, isLess, LOCAL_PROVISIONER, storageOf, VOLUME_KEYS } from './volumes/volume-facts.ts';

/** What the resizer needs. */
export interface VolumeExpansionOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly folders: LocalVolumes;
}

function say(type: Happening['type'], reason: string, message: string, component = LOCAL_PROVISIONER): Happening {
  return { type, reason, message, component };
}

/** Whether a bound claim asks for more than it has. */
function asksForMore({ spec, status }: PersistentVolumeClaim): boolean {
  return status?.phase === 'Bound' && isLess(storageOf(status.capacity), storageOf(spec?.resources?.requests));
}

async function limit(volume: PersistentVolume, bytes: number, folders: LocalVolumes): Promise<string | undefined> {
  const [, root = '', name = ''] = /^(.*)\/([^/]+)$/.exec(volume.spec?.local?.path ?? '') ?? [];
  const answer = await folders.limit({ root, name }, bytes);
  return answer.enforced ? undefined : answer.why;
}

/** A folder grows by being allowed to: the limit first, then the volume, and the claim says that it is done. */
async function expand(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  { resources, recorder, folders }: VolumeExpansionOptions,
): Promise<void> {
  const wanted = storageOf(claim.spec?.resources?.requests);
  const size = { storage: formatQuantity(wanted) };
  recorder.record(claim, say('Normal', 'Resizing', `External resizer is resizing volume ${volume.metadata?.name}`));
  const unlimited = await limit(volume, quantityToNumber(wanted), folders);
  await resources.persistentVolumes.modify(volume, (now) =>
    now.spec !== undefined && isLess(storageOf(now.spec.capacity), wanted)
      ? { ...now, spec: { ...now.spec, capacity: { ...now.spec.capacity, ...size } } }
      : undefined,
  );
  const grown = (now: PersistentVolumeClaim): PersistentVolumeClaim => {
    const conditions = now.status?.conditions?.filter(({ type }) => type !== 'Resizing');
    return { ...now, status: { ...now.status, conditions, capacity: { ...now.status?.capacity, ...size } } };
  };
  await resources.persistentVolumeClaims.modify(claim, grown, 'status');
  if (unlimited !== undefined) {
    const message = `The volume may outgrow its capacity: ${unlimited}`;
    recorder.record(claim, say('Warning', 'VolumeSizeNotEnforced', message));
  }
  recorder.record(claim, say('Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded'));
}

/** Lets claims grow: folders of this machine at once; for others it says who has to. */
export function volumeExpansion(options: VolumeExpansionOptions): Controller {
  const { resources, recorder } = options;
  return {
    name: 'volume-expansion',
    inputs: [
      {
        resource: '/persistentvolumeclaims',
        keys: ({ type, entry }) =>
          type !== 'DELETED' && asksForMore(entry.object as PersistentVolumeClaim) ? [objectKey(entry.object)] : [],
      },
    ],
    outputs: [
      { what: '/persistentvolumes#spec.capacity', mode: 'exclusive' },
      { what: '/persistentvolumeclaims#status.capacity', mode: 'shared' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const claim = resources.persistentVolumeClaims.find(namespace, name);
      const volume = claim && resources.persistentVolumes.find('', claim.spec?.volumeName ?? '');
      if (claim === undefined || volume === undefined || !asksForMore(claim)) return undefined;
      if (volume.spec?.claimRef?.uid !== uidOf(claim)) return undefined;
      if (annotationOf(volume, VOLUME_KEYS.provisionedBy) === LOCAL_PROVISIONER) {
        await expand(claim, volume, options);
      } else {
        const message = 'waiting for an external controller to expand this PVC';
        recorder.record(claim, say('Normal', 'ExternalExpanding', message, 'volume_expand'));
      }
      return undefined;
    },
  };
}
