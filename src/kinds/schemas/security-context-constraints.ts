import type { Schema } from './schema.ts';
import { atomicList, flag, int32, int64, kindSchemas, object, ref, refWithDefault, text } from './shape.ts';

const PACKAGE = 'com.github.openshift.api.security.v1';

const defaultOf = (name: string): Schema => refWithDefault(`${PACKAGE}.${name}`);
const names = atomicList({ ...text, default: '' });
const ranges = atomicList(defaultOf('IDRange'));

/** security.openshift.io/v1. */
export const securityContextConstraintsSchemas: { readonly [name: string]: Schema } = {
  ...kindSchemas(
    `${PACKAGE}.SecurityContextConstraints`,
    { group: 'security.openshift.io', version: 'v1', kind: 'SecurityContextConstraints' },
    object({
      allowHostDirVolumePlugin: { ...flag, default: false },
      allowHostIPC: { ...flag, default: false },
      allowHostNetwork: { ...flag, default: false },
      allowHostPID: { ...flag, default: false },
      allowHostPorts: { ...flag, default: false },
      allowPrivilegeEscalation: flag,
      allowPrivilegedContainer: { ...flag, default: false },
      allowedCapabilities: names,
      allowedFlexVolumes: atomicList(defaultOf('AllowedFlexVolume')),
      allowedUnsafeSysctls: names,
      defaultAddCapabilities: names,
      defaultAllowPrivilegeEscalation: flag,
      forbiddenSysctls: names,
      fsGroup: defaultOf('FSGroupStrategyOptions'),
      groups: names,
      priority: int32,
      readOnlyRootFilesystem: { ...flag, default: false },
      requiredDropCapabilities: names,
      runAsUser: defaultOf('RunAsUserStrategyOptions'),
      seLinuxContext: defaultOf('SELinuxContextStrategyOptions'),
      seccompProfiles: names,
      supplementalGroups: defaultOf('SupplementalGroupsStrategyOptions'),
      userNamespaceLevel: text,
      users: names,
      volumes: names,
    }),
  ),
  [`${PACKAGE}.AllowedFlexVolume`]: object({ driver: { ...text, default: '' } }, ['driver']),
  [`${PACKAGE}.FSGroupStrategyOptions`]: object({ ranges, type: text }),
  [`${PACKAGE}.SupplementalGroupsStrategyOptions`]: object({ ranges, type: text }),
  [`${PACKAGE}.IDRange`]: object({ max: int64, min: int64 }),
  [`${PACKAGE}.RunAsUserStrategyOptions`]: object({ type: text, uid: int64, uidRangeMax: int64, uidRangeMin: int64 }),
  [`${PACKAGE}.SELinuxContextStrategyOptions`]: object({
    seLinuxOptions: ref('io.k8s.api.core.v1.SELinuxOptions'),
    type: text,
  }),
};
