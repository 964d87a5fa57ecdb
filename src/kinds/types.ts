import type * as upstream from '@kubernetes/client-node/dist/gen/models/all.js';

/**
 * Upstream's model types as they are on the wire: times are strings, arrays are readonly, and names
 * that TypeScript reserves (`_from`) have their real spelling. Types only: nothing is imported at run time.
 */
// biome-ignore lint/style/noRestrictedGlobals: the type of upstream's models, not a clock.
export type Wire<T> = T extends Date
  ? string
  : T extends (infer U)[]
    ? readonly Wire<U>[]
    : T extends (...args: never[]) => unknown
      ? never
      : T extends object
        ? { readonly [K in keyof T as K extends `_${infer R}` ? R : K]: Wire<T[K]> }
        : T;

export type Pod = Wire<upstream.V1Pod>;
export type PodSpec = Wire<upstream.V1PodSpec>;
export type PodStatus = Wire<upstream.V1PodStatus>;
export type PodCondition = Wire<upstream.V1PodCondition>;
export type PodTemplateSpec = Wire<upstream.V1PodTemplateSpec>;
export type Container = Wire<upstream.V1Container>;
export type ContainerStatus = Wire<upstream.V1ContainerStatus>;
export type ContainerState = Wire<upstream.V1ContainerState>;
export type EnvVar = Wire<upstream.V1EnvVar>;
export type Probe = Wire<upstream.V1Probe>;
export type Volume = Wire<upstream.V1Volume>;
export type ConfigMap = Wire<upstream.V1ConfigMap>;
export type Secret = Wire<upstream.V1Secret>;
export type Service = Wire<upstream.V1Service>;
export type ServiceAccount = Wire<upstream.V1ServiceAccount>;
export type Namespace = Wire<upstream.V1Namespace>;
export type Node = Wire<upstream.V1Node>;
export type Event = Wire<upstream.CoreV1Event>;
export type Deployment = Wire<upstream.V1Deployment>;
export type DeploymentCondition = Wire<upstream.V1DeploymentCondition>;
export type ReplicaSet = Wire<upstream.V1ReplicaSet>;
export type EndpointSlice = Wire<upstream.V1EndpointSlice>;
