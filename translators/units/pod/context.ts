import type { ConfigMap, PersistentVolume, Secret, Service } from '../../../src/kinds/types.ts';
import type { ImageAccounts } from './image-accounts.ts';

/** What an image says about itself, as far as a pod's translation depends on it. */
export interface ImageConfig {
  /** `USER` of the image, '' when it has none. */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** Its users and groups, where the pod's translation depends on them. */
  readonly accounts?: ImageAccounts;
}

/** What stands behind a resource name that containers ask for in their limits. */
export interface DeviceResource {
  /** Device nodes: `/dev/ttyUSB0`. */
  readonly paths: readonly string[];
  /** Names of the Container Device Interface: `vendor.com/class=name`. */
  readonly cdi: readonly string[];
  /** Whether containers come and go with the devices' systemd units. */
  readonly follow: boolean;
}

/** Absolute folders of the host. */
export interface ContextPaths {
  /** `/var/lib/quadshift` */
  readonly state: string;
  /** `/run/quadshift` */
  readonly runtime: string;
}

/**
 * What a pod's translation depends on beside the pod. Callers make sure that what the pod refers to and may not do
 * without exists (`configMapKeyRef`, `secretKeyRef`, …): what is missing is left out here.
 */
export interface PodContext {
  /** Address of the pod on the bridge; the host's own for `hostNetwork`. */
  readonly podIP: string;
  /** Its address of the other family, where there is one. */
  readonly secondPodIP?: string;
  readonly nodeIP: string;
  /** The node's address of the other family. */
  readonly secondNodeIP?: string;
  readonly nodeName: string;
  /** The pod is what a timer makes while nobody watches, and how long the Job of it may take. */
  readonly timerRun?: { readonly deadlineSeconds: number | undefined };
  /** `cluster.local` */
  readonly clusterDomain: string;
  /** Resolvers for `dnsPolicy: ClusterFirst`; none means the host's. */
  readonly dnsServers: readonly string[];
  readonly findConfigMap: (namespace: string, name: string) => ConfigMap | undefined;
  readonly findSecret: (namespace: string, name: string) => Secret | undefined;
  /** The volume that a claim is bound to; none for a pod on trial. */
  readonly findClaimVolume?: (namespace: string, claim: string) => PersistentVolume | undefined;
  readonly paths: ContextPaths;
  /** `5.4.2` */
  readonly podmanVersion: string;
  /** Images in local storage by the reference that the pod uses. */
  readonly images?: ReadonlyMap<string, ImageConfig>;
  /** Whether the host can limit memory and CPU (cgroup v2 controllers). */
  readonly hasCgroupControllers: boolean;
  /** Whether the host may spare a process when memory runs out (CAP_SYS_RESOURCE); it may unless told otherwise. */
  readonly canProtectFromOom?: boolean;
  /** Devices of this host by their resource names. */
  readonly devices?: ReadonlyMap<string, DeviceResource>;
  /** What the node can give: the value of a `resourceFieldRef` without a limit. */
  readonly allocatable?: { readonly cpu: string; readonly memory: string };
  /** Services that containers are told of by variables: those of the pod's namespace, and the API server's. */
  readonly services?: readonly Service[];
  /** The OCI runtime of the pod's RuntimeClass: a name or path; '' when the host has none; undefined: podman's own. */
  readonly runtimeHandler?: string;
  /** The ServiceAccount token for a path of a projected volume; what is missing is left out. */
  readonly findToken?: (volume: string, path: string) => string | undefined;
}
