import type { Setting } from '../../../quadlet/encode-unit.ts';
import type { Volume } from '../../../src/kinds/types.ts';
import type { HostDirectory, HostFile, HostLink } from '../../host-file.ts';
import { groupSteps } from './group-steps.ts';
import type { MountableVolume } from './mountable-volume.ts';
import { refuseUnsupported } from './report.ts';
import { absolute, type PodSite } from './site.ts';
import { planClaim } from './volume-claim.ts';
import { configMapFiles, downwardFiles, secretFiles } from './volume-files.ts';
import { hugePagesSteps, isHugePagesMedium, planNfs, tmpfsSteps } from './volume-mounts.ts';
import { withGroup } from './volume-owner.ts';
import { holdsSecrets, projectedFiles } from './volume-projected.ts';
import { hostPathChecks } from './volume-steps.ts';
import { type VolumeFile, volumeTree } from './volume-tree.ts';

/** All volumes of a pod. */
export interface VolumePlan {
  readonly mountable: readonly MountableVolume[];
  readonly directories: readonly HostDirectory[];
  readonly files: readonly HostFile[];
  readonly links: readonly HostLink[];
  /** What the infra unit does before the pod exists, and after. */
  readonly settings: readonly Setting[];
}

const EMPTY: VolumePlan = { mountable: [], directories: [], files: [], links: [], settings: [] };

/** What each volume needs on the host. */
export function planVolumes(site: PodSite): VolumePlan {
  return (site.spec.volumes ?? [])
    .map((volume, index) => planVolume(volume, `spec.volumes[${index}]`, site))
    .reduce(
      (all, one) => ({
        mountable: [...all.mountable, ...one.mountable],
        directories: [...all.directories, ...one.directories],
        files: [...all.files, ...one.files],
        links: [...all.links, ...one.links],
        settings: [...all.settings, ...one.settings],
      }),
      EMPTY,
    );
}

function planVolume(volume: Volume, path: string, site: PodSite): VolumePlan {
  const { name, emptyDir, hostPath, configMap, secret, downwardAPI, projected, ...more } = volume;
  const { persistentVolumeClaim, ephemeral, image, csi, nfs, ...others } = more;
  refuseUnsupported(site.report, path, knownUnsupported(others));
  if (hostPath) {
    const source = hostPath.path;
    const mountable = [{ name, source, isOwn: false, isReadOnly: false }];
    return { ...EMPTY, mountable, settings: hostPathChecks(hostPath, path, site.report) };
  }
  if (configMap) {
    return filesPlan({ name, kind: 'config-map', files: configMapFiles(configMap, path, site) }, site);
  }
  if (secret) {
    return filesPlan({ name, kind: 'secret', files: secretFiles(secret, path, site), isSecret: true }, site);
  }
  if (downwardAPI) {
    return filesPlan({ name, kind: 'downward-api', files: downwardFiles(downwardAPI, path, site) }, site);
  }
  if (projected) {
    const files = projectedFiles(projected, { volume: name, path, site });
    return filesPlan({ name, kind: 'projected', files, isSecret: holdsSecrets(projected) }, site);
  }
  if (persistentVolumeClaim) {
    const { claimName, readOnly = false, ...unhandled } = persistentVolumeClaim;
    unhandled satisfies Record<PropertyKey, never>;
    return { ...EMPTY, ...planClaim({ name, claimName, readOnly, path }, site) };
  }
  if (ephemeral) {
    const claimName = `${site.pod.metadata?.name}-${name}`;
    return { ...EMPTY, ...planClaim({ name, claimName, readOnly: false, path }, site) };
  }
  if (image) {
    const { reference = '', pullPolicy: _pulledByCaller, ...unhandled } = image;
    unhandled satisfies Record<PropertyKey, never>;
    return { ...EMPTY, mountable: [{ name, source: reference, isOwn: false, isReadOnly: true, isImage: true }] };
  }
  if (nfs) {
    const { server, path: folder, readOnly = false, ...unhandled } = nfs;
    unhandled satisfies Record<PropertyKey, never>;
    const { source, settings } = planNfs(name, { server, path: folder, readOnly }, site);
    return { ...EMPTY, mountable: [{ name, source, isOwn: false, isReadOnly: readOnly }], settings };
  }
  if (csi) {
    site.report.block(`${path}.csi`, `driver name ${csi.driver} not found in the list of registered CSI drivers`);
    return EMPTY;
  }
  // A volume without a source is an emptyDir; the API server's defaults say so too.
  return planEmptyDir(name, { ...emptyDir }, { path, site });
}

type OtherSources = Omit<
  Volume,
  | 'name'
  | 'emptyDir'
  | 'hostPath'
  | 'configMap'
  | 'secret'
  | 'downwardAPI'
  | 'projected'
  | 'persistentVolumeClaim'
  | 'ephemeral'
  | 'image'
  | 'csi'
  | 'nfs'
>;

/** Every other source there is, by name, so that a new one is a compile error. */
function knownUnsupported(sources: OtherSources): OtherSources {
  const { iscsi, fc, ...legacy } = sources;
  const { awsElasticBlockStore, azureDisk, azureFile, cephfs, cinder, flexVolume, flocker, ...more } = legacy;
  const { gcePersistentDisk, gitRepo, glusterfs, photonPersistentDisk, portworxVolume, quobyte, ...last } = more;
  const { rbd, scaleIO, storageos, vsphereVolume, ...unhandled } = last;
  unhandled satisfies Record<PropertyKey, never>;
  return sources;
}

function planEmptyDir(
  name: string,
  emptyDir: NonNullable<Volume['emptyDir']>,
  { path, site }: { readonly path: string; readonly site: PodSite },
): VolumePlan {
  const { medium, sizeLimit, ...unhandled } = emptyDir;
  unhandled satisfies Record<PropertyKey, never>;
  const folder = `pods/${site.uid}/volumes/empty-dir/${name}`;
  const source = `${site.context.paths.state}/${folder}`;
  const place = { volume: name, folder: source };
  const isMemory = medium === 'Memory';
  const isHuge = isHugePagesMedium(medium);
  if (medium !== undefined && medium !== '' && !isMemory && !isHuge) {
    site.report.refuse(`${path}.emptyDir.medium`, `"${medium}" is not supported`);
  }
  if (sizeLimit !== undefined && !isMemory && !isHuge) {
    site.report.approximate(`${path}.emptyDir.sizeLimit`, 'is looked at every 30 seconds: a pod over it is evicted');
  }
  return {
    mountable: [{ name, source, isOwn: true, isReadOnly: false }],
    directories: [{ root: 'state', path: folder, mode: 0o777 }],
    files: [],
    links: [],
    settings: [
      ...(isMemory ? tmpfsSteps(place, sizeLimit, site) : []),
      ...(isHuge ? hugePagesSteps(place, { medium, sizeLimit, path: `${path}.emptyDir.medium` }, site) : []),
      ...groupSteps(source, site, 'always'),
    ],
  };
}

interface FilesVolume {
  readonly name: string;
  readonly kind: string;
  readonly files: readonly VolumeFile[];
  /** It may not lie readable on disk. */
  readonly isSecret?: boolean;
}

function filesPlan({ name, kind, files, isSecret = false }: FilesVolume, site: PodSite): VolumePlan {
  const place = { root: isSecret ? 'sealed' : 'state', path: `pods/${site.uid}/volumes/${kind}/${name}` } as const;
  return {
    mountable: [{ name, source: absolute(place, site), isOwn: true, isReadOnly: true }],
    directories: [{ ...place, mode: 0o755 }],
    ...volumeTree(place, withGroup(files, site)),
    settings: [],
  };
}
