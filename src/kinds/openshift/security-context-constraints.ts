import { column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { SecurityContextConstraints } from './security-context-constraints-types.ts';
import { validateConstraints } from './security-context-constraints-validation.ts';

type Constraints = SecurityContextConstraints;

/** Every volume type but `hostPath`. */
const ORDINARY_VOLUMES = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephFS',
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
  'storageOS',
  'vsphere',
];

/** Lists as JSON, absent ones as OpenShift shows them. */
function list(items: readonly string[] | undefined): string {
  return items ? JSON.stringify(items) : '<no value>';
}

/** The older `allowHostDirVolumePlugin` and the newer `volumes` say the same. */
function volumeDefaults({
  volumes = ['*'],
  allowHostDirVolumePlugin: hostPath = false,
}: Constraints): readonly string[] {
  if (volumes.includes('*')) return hostPath ? volumes : ORDINARY_VOLUMES;
  const rest = volumes.filter((volume) => volume !== 'hostPath' && (volume !== 'none' || !hostPath));
  return hostPath ? [...rest, 'hostPath'] : rest.length > 0 ? rest : ['none'];
}

/** `SetDefaults_SCC`. */
function applyDefaults(constraints: Constraints): Constraints {
  return {
    ...constraints,
    fsGroup: { ...constraints.fsGroup, type: constraints.fsGroup?.type || 'RunAsAny' },
    supplementalGroups: { ...constraints.supplementalGroups, type: constraints.supplementalGroups?.type || 'RunAsAny' },
    users: constraints.users ?? [],
    groups: constraints.groups ?? [],
    volumes: volumeDefaults(constraints),
    allowPrivilegeEscalation: constraints.allowPrivilegeEscalation ?? true,
  };
}

/** security.openshift.io/v1 SecurityContextConstraints. */
export const securityContextConstraintsKind = defineKind<Constraints>({
  group: 'security.openshift.io',
  kind: 'SecurityContextConstraints',
  plural: 'securitycontextconstraints',
  schema: 'com.github.openshift.api.security.v1.SecurityContextConstraints',
  shortNames: ['scc'],
  namespaced: false,
  columns: [
    nameColumn,
    column('Priv', 'string', 'Whether privileged containers may run.', (o) =>
      String(o.allowPrivilegedContainer ?? false),
    ),
    column('Caps', 'string', 'Capabilities that may be added.', (o) => list(o.allowedCapabilities)),
    column('SELinux', 'string', 'How SELinux labels are chosen.', (o) => o.seLinuxContext?.type ?? ''),
    column('RunAsUser', 'string', 'How users are chosen.', (o) => o.runAsUser?.type ?? ''),
    column('FSGroup', 'string', 'How file system groups are chosen.', (o) => o.fsGroup?.type ?? ''),
    column('SupGroup', 'string', 'How supplemental groups are chosen.', (o) => o.supplementalGroups?.type ?? ''),
    column('Priority', 'string', 'Which are tried first.', (o) => String(o.priority ?? '<no value>')),
    column('ReadOnlyRootFS', 'string', 'Whether root file systems are read-only.', (o) =>
      String(o.readOnlyRootFilesystem ?? false),
    ),
    column('Volumes', 'string', 'Volume types that may be used.', (o) => list(o.volumes)),
  ],
  defaults: applyDefaults,
  validate: validateConstraints,
});
