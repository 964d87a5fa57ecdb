import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { PersistentVolume } from '../../../src/kinds/types.ts';
import { groupSteps } from './group-steps.ts';
import type { MountableVolume } from './mountable-volume.ts';
import { refuseUnsupported } from './report.ts';
import type { PodSite } from './site.ts';
import { planNfs } from './volume-mounts.ts';
import { hostPathChecks, shellStep } from './volume-steps.ts';

/** A volume that is reached through a claim. */
export interface ClaimUse {
  readonly name: string;
  readonly claimName: string;
  readonly readOnly: boolean;
  /** `spec.volumes[0]` */
  readonly path: string;
}

/** What a claim's volume comes to. */
export interface ClaimPlan {
  readonly mountable: readonly MountableVolume[];
  readonly settings: readonly Setting[];
}

/**
 * The volume that a claim is bound to. Without one (a claim that isn't bound, or a pod on trial) there is nothing to mount;
 * whoever runs pods waits for it.
 */
export function planClaim({ name, claimName, readOnly, path }: ClaimUse, site: PodSite): ClaimPlan {
  const volume = site.context.findClaimVolume?.(site.pod.metadata?.namespace ?? '', claimName);
  if (volume?.spec === undefined) return { mountable: [], settings: [] };
  const { local, hostPath, nfs, mountOptions } = volume.spec;
  const isDevice = volume.spec.volumeMode === 'Block';
  const mountable = (source: string, isOwn: boolean): readonly MountableVolume[] => [
    { name, source, isOwn: isOwn && !isDevice, isReadOnly: readOnly, isDevice },
  ];
  if (mountOptions?.length && (hostPath || local))
    site.report.approximate(
      `${path}.persistentVolumeClaim`,
      'the volume’s mountOptions do nothing: nothing is mounted for it',
    );
  if (hostPath) {
    return { mountable: mountable(hostPath.path, false), settings: hostPathChecks(hostPath, path, site.report) };
  }
  if (local) {
    const owner = isDevice || readOnly ? [] : groupSteps(local.path, site, 'as the pod says');
    return { mountable: mountable(local.path, true), settings: [existsStep(local.path), ...owner] };
  }
  if (nfs) {
    const { source, settings } = planNfs(name, { ...nfs, readOnly: nfs.readOnly || readOnly, mountOptions }, site);
    return { mountable: mountable(source, false), settings };
  }
  refuseUnsupported(site.report, `${path}.persistentVolumeClaim`, otherSources(volume.spec));
  return { mountable: [], settings: [] };
}

type Spec = NonNullable<PersistentVolume['spec']>;

/** Every other place where a volume's data can be, by name, so that a new one is a compile error. */
function otherSources(spec: Spec): { readonly [source: string]: unknown } {
  const { accessModes, capacity, claimRef, mountOptions, nodeAffinity, storageClassName, ...rest } = spec;
  const { persistentVolumeReclaimPolicy, volumeAttributesClassName, volumeMode, ...sources } = rest;
  const { local, hostPath, nfs, csi, iscsi, fc, ...legacy } = sources;
  const { awsElasticBlockStore, azureDisk, azureFile, cephfs, cinder, flexVolume, flocker, ...more } = legacy;
  const { gcePersistentDisk, glusterfs, photonPersistentDisk, portworxVolume, quobyte, rbd, ...last } = more;
  const { scaleIO, storageos, vsphereVolume, ...unhandled } = last;
  unhandled satisfies Record<PropertyKey, never>;
  return sources;
}

/** A volume whose folder is gone (a disk that isn't mounted) is no reason to start with an empty one. */
function existsStep(path: string): Setting {
  return shellStep('ExecStartPre', '[ -e "$1" ] || { echo "path \\"$1\\" does not exist" >&2; exit 1; }', [path]);
}
