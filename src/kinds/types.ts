import type * as upstream from '@kubernetes/client-node/dist/gen/models/all.js';
import type { ObjectMeta } from '../machinery/object.ts';

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

/** T with every field optional, all the way down: what a client may send before validation. */
export type Sparse<T> = T extends readonly (infer U)[]
  ? readonly Sparse<U>[]
  : T extends object
    ? string extends keyof T
      ? { readonly [K in keyof T]: Sparse<T[K]> }
      : { readonly [K in keyof T]?: Sparse<T[K]> }
    : T;

/** An object as defaults, validators and columns take it: metadata is sound, all else may be missing. */
export type Draft<T> = Sparse<Omit<T, 'metadata'>> & {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
};

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
export type Affinity = Wire<upstream.V1Affinity>;
export type ClusterRole = Wire<upstream.V1ClusterRole>;
export type ClusterRoleBinding = Wire<upstream.V1ClusterRoleBinding>;
export type ContainerPort = Wire<upstream.V1ContainerPort>;
export type ControllerRevision = Wire<upstream.V1ControllerRevision>;
export type CronJob = Wire<upstream.V1CronJob>;
export type DaemonSet = Wire<upstream.V1DaemonSet>;
export type DeploymentSpec = Wire<upstream.V1DeploymentSpec>;
export type Endpoints = Wire<upstream.V1Endpoints>;
export type EnvFromSource = Wire<upstream.V1EnvFromSource>;
export type EventsEvent = Wire<upstream.EventsV1Event>;
export type HorizontalPodAutoscaler = Wire<upstream.V2HorizontalPodAutoscaler>;
export type Ingress = Wire<upstream.V1Ingress>;
export type IngressClass = Wire<upstream.V1IngressClass>;
export type Job = Wire<upstream.V1Job>;
export type JobSpec = Wire<upstream.V1JobSpec>;
export type LabelSelector = Wire<upstream.V1LabelSelector>;
export type Lease = Wire<upstream.V1Lease>;
export type Lifecycle = Wire<upstream.V1Lifecycle>;
export type LifecycleHandler = Wire<upstream.V1LifecycleHandler>;
export type LimitRange = Wire<upstream.V1LimitRange>;
export type LoadBalancerStatus = Wire<upstream.V1LoadBalancerStatus>;
export type MetricSpec = Wire<upstream.V2MetricSpec>;
export type MetricStatus = Wire<upstream.V2MetricStatus>;
export type NetworkPolicy = Wire<upstream.V1NetworkPolicy>;
export type PersistentVolume = Wire<upstream.V1PersistentVolume>;
export type PersistentVolumeClaim = Wire<upstream.V1PersistentVolumeClaim>;
export type PersistentVolumeClaimSpec = Wire<upstream.V1PersistentVolumeClaimSpec>;
export type PodDisruptionBudget = Wire<upstream.V1PodDisruptionBudget>;
export type PodSecurityContext = Wire<upstream.V1PodSecurityContext>;
export type PodTemplate = Wire<upstream.V1PodTemplate>;
export type PriorityClass = Wire<upstream.V1PriorityClass>;
export type RbacSubject = Wire<upstream.RbacV1Subject>;
export type ReplicationController = Wire<upstream.V1ReplicationController>;
export type ResourceQuota = Wire<upstream.V1ResourceQuota>;
export type ResourceRequirements = Wire<upstream.V1ResourceRequirements>;
export type Role = Wire<upstream.V1Role>;
export type RoleBinding = Wire<upstream.V1RoleBinding>;
export type RuntimeClass = Wire<upstream.V1RuntimeClass>;
export type SecurityContext = Wire<upstream.V1SecurityContext>;
export type ServicePort = Wire<upstream.V1ServicePort>;
export type ServiceSpec = Wire<upstream.V1ServiceSpec>;
export type StatefulSet = Wire<upstream.V1StatefulSet>;
export type StorageClass = Wire<upstream.V1StorageClass>;
export type Toleration = Wire<upstream.V1Toleration>;
export type TopologySpreadConstraint = Wire<upstream.V1TopologySpreadConstraint>;
export type VolumeMount = Wire<upstream.V1VolumeMount>;
export type ApiService = Wire<upstream.V1APIService>;
export type CertificateSigningRequest = Wire<upstream.V1CertificateSigningRequest>;
export type CsiDriver = Wire<upstream.V1CSIDriver>;
export type CsiNode = Wire<upstream.V1CSINode>;
export type CsiStorageCapacity = Wire<upstream.V1CSIStorageCapacity>;
export type DeviceClass = Wire<upstream.V1DeviceClass>;
export type FlowSchema = Wire<upstream.V1FlowSchema>;
export type IpAddress = Wire<upstream.V1IPAddress>;
export type MatchResources = Wire<upstream.V1MatchResources>;
export type MutatingAdmissionPolicy = Wire<upstream.V1MutatingAdmissionPolicy>;
export type MutatingAdmissionPolicyBinding = Wire<upstream.V1MutatingAdmissionPolicyBinding>;
export type MutatingWebhook = Wire<upstream.V1MutatingWebhook>;
export type MutatingWebhookConfiguration = Wire<upstream.V1MutatingWebhookConfiguration>;
export type NodeSelector = Wire<upstream.V1NodeSelector>;
export type PersistentVolumeSpec = Wire<upstream.V1PersistentVolumeSpec>;
export type PolicyRule = Wire<upstream.V1PolicyRule>;
export type PriorityLevelConfiguration = Wire<upstream.V1PriorityLevelConfiguration>;
export type ResourceClaim = Wire<upstream.ResourceV1ResourceClaim>;
export type ResourceClaimSpec = Wire<upstream.V1ResourceClaimSpec>;
export type ResourceClaimTemplate = Wire<upstream.V1ResourceClaimTemplate>;
export type ResourceSlice = Wire<upstream.V1ResourceSlice>;
export type RuleWithOperations = Wire<upstream.V1RuleWithOperations>;
export type ServiceCidr = Wire<upstream.V1ServiceCIDR>;
export type ValidatingAdmissionPolicy = Wire<upstream.V1ValidatingAdmissionPolicy>;
export type ValidatingAdmissionPolicyBinding = Wire<upstream.V1ValidatingAdmissionPolicyBinding>;
export type ValidatingWebhook = Wire<upstream.V1ValidatingWebhook>;
export type ValidatingWebhookConfiguration = Wire<upstream.V1ValidatingWebhookConfiguration>;
export type VolumeAttachment = Wire<upstream.V1VolumeAttachment>;
export type VolumeAttributesClass = Wire<upstream.V1VolumeAttributesClass>;
