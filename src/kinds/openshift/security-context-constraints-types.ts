import type { KubernetesObject } from '../../machinery/object.ts';
import type { SecurityContext } from '../types.ts';

/** How group ids are chosen. */
export interface GroupStrategy {
  /** `MustRunAs` or `RunAsAny`. */
  readonly type?: string;
  readonly ranges?: readonly { readonly min?: number; readonly max?: number }[];
}

/** security.openshift.io/v1 SecurityContextConstraints. */
export interface SecurityContextConstraints extends KubernetesObject {
  readonly priority?: number;
  readonly allowPrivilegedContainer?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly defaultAllowPrivilegeEscalation?: boolean;
  readonly allowHostDirVolumePlugin?: boolean;
  readonly allowHostNetwork?: boolean;
  readonly allowHostPorts?: boolean;
  readonly allowHostPID?: boolean;
  readonly allowHostIPC?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly defaultAddCapabilities?: readonly string[];
  readonly requiredDropCapabilities?: readonly string[];
  readonly allowedCapabilities?: readonly string[];
  readonly volumes?: readonly string[];
  readonly allowedFlexVolumes?: readonly { readonly driver?: string }[];
  readonly seccompProfiles?: readonly string[];
  readonly allowedUnsafeSysctls?: readonly string[];
  readonly forbiddenSysctls?: readonly string[];
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  readonly userNamespaceLevel?: string;
  readonly seLinuxContext?: { readonly type?: string; readonly seLinuxOptions?: SecurityContext['seLinuxOptions'] };
  readonly runAsUser?: {
    readonly type?: string;
    readonly uid?: number;
    readonly uidRangeMin?: number;
    readonly uidRangeMax?: number;
  };
  readonly supplementalGroups?: GroupStrategy;
  readonly fsGroup?: GroupStrategy;
}
