import {
  localSubjectAccessReviewKind,
  selfSubjectAccessReviewKind,
  selfSubjectRulesReviewKind,
  subjectAccessReviewKind,
} from './access-reviews.ts';
import {
  mutatingAdmissionPolicyBindingKind,
  validatingAdmissionPolicyBindingKind,
} from './admission-registration/admission-policy-binding.ts';
import { mutatingAdmissionPolicyKind } from './admission-registration/mutating-admission-policy.ts';
import { validatingAdmissionPolicyKind } from './admission-registration/validating-admission-policy.ts';
import {
  mutatingWebhookConfigurationKind,
  validatingWebhookConfigurationKind,
} from './admission-registration/webhook-configuration.ts';
import { apiServiceKind } from './aggregation/api-service.ts';
import { horizontalPodAutoscalerV1Kind } from './autoscaling-v1.ts';
import { bindingKind } from './binding.ts';
import { certificateSigningRequestKind } from './certificates/certificate-signing-request.ts';
import { componentStatusKind } from './component-status.ts';
import { configMapKind } from './config-map.ts';
import { controllerRevisionKind } from './controller-revision.ts';
import { cronJobKind } from './cron-job.ts';
import { customResourceDefinitionKind } from './custom/custom-resource-definition.ts';
import { daemonSetKind } from './daemon-set.ts';
import type { KindDefinition } from './definition.ts';
import { deploymentKind } from './deployment.ts';
import { deviceClassKind } from './dynamic-resources/device-class.ts';
import { resourceClaimKind } from './dynamic-resources/resource-claim.ts';
import { resourceClaimTemplateKind } from './dynamic-resources/resource-claim-template.ts';
import { resourceSliceKind } from './dynamic-resources/resource-slice.ts';
import { endpointSliceKind } from './endpoint-slice.ts';
import { endpointsKind } from './endpoints.ts';
import { eventKind } from './event.ts';
import { eventsEventKind } from './events-event.ts';
import { flowSchemaKind } from './flowcontrol/flow-schema.ts';
import { priorityLevelConfigurationKind } from './flowcontrol/priority-level-configuration.ts';
import { horizontalPodAutoscalerKind } from './horizontal-pod-autoscaler.ts';
import { ingressKind } from './ingress.ts';
import { ingressClassKind } from './ingress-class.ts';
import { ipAddressKind } from './ip-address-kind.ts';
import { jobKind } from './job.ts';
import { leaseKind } from './lease.ts';
import { limitRangeKind } from './limit-range.ts';
import { nodeMetricsKind, podMetricsKind } from './metrics.ts';
import { namespaceKind } from './namespace.ts';
import { networkPolicyKind } from './network-policy.ts';
import { nodeKind } from './node.ts';
import { routeKind } from './openshift/route.ts';
import { securityContextConstraintsKind } from './openshift/security-context-constraints.ts';
import { persistentVolumeKind } from './persistent-volume.ts';
import { persistentVolumeClaimKind } from './persistent-volume-claim.ts';
import { podKind } from './pod.ts';
import { podDisruptionBudgetKind } from './pod-disruption-budget.ts';
import { podTemplateKind } from './pod-template.ts';
import { priorityClassKind } from './priority-class.ts';
import { clusterRoleBindingKind, clusterRoleKind, roleBindingKind, roleKind } from './rbac.ts';
import { replicaSetKind } from './replica-set.ts';
import { replicationControllerKind } from './replication-controller.ts';
import { resourceQuotaKind } from './resource-quota.ts';
import { runtimeClassKind } from './runtime-class.ts';
import { secretKind } from './secret.ts';
import { serviceKind } from './service.ts';
import { serviceAccountKind } from './service-account.ts';
import { serviceCidrKind } from './service-cidr.ts';
import { statefulSetKind } from './stateful-set.ts';
import { csiDriverKind } from './storage/csi-driver.ts';
import { csiNodeKind } from './storage/csi-node.ts';
import { csiStorageCapacityKind } from './storage/csi-storage-capacity.ts';
import { volumeAttachmentKind } from './storage/volume-attachment.ts';
import { volumeAttributesClassKind } from './storage/volume-attributes-class.ts';
import { storageClassKind } from './storage-class.ts';
import { selfSubjectReviewKind, tokenReviewKind } from './user-reviews.ts';

/** Every kind that is served. Routes, discovery, OpenAPI and the support matrix derive from it. */
export const catalogue: readonly KindDefinition[] = [
  bindingKind,
  componentStatusKind,
  configMapKind,
  endpointsKind,
  eventKind,
  limitRangeKind,
  namespaceKind,
  nodeKind,
  persistentVolumeKind,
  persistentVolumeClaimKind,
  podKind,
  podTemplateKind,
  replicationControllerKind,
  resourceQuotaKind,
  secretKind,
  serviceKind,
  serviceAccountKind,
  controllerRevisionKind,
  daemonSetKind,
  deploymentKind,
  replicaSetKind,
  statefulSetKind,
  horizontalPodAutoscalerKind,
  horizontalPodAutoscalerV1Kind,
  cronJobKind,
  jobKind,
  leaseKind,
  eventsEventKind,
  endpointSliceKind,
  ingressKind,
  ingressClassKind,
  networkPolicyKind,
  ipAddressKind,
  serviceCidrKind,
  runtimeClassKind,
  podDisruptionBudgetKind,
  clusterRoleKind,
  clusterRoleBindingKind,
  roleKind,
  roleBindingKind,
  priorityClassKind,
  storageClassKind,
  csiDriverKind,
  csiNodeKind,
  csiStorageCapacityKind,
  volumeAttachmentKind,
  volumeAttributesClassKind,
  certificateSigningRequestKind,
  flowSchemaKind,
  priorityLevelConfigurationKind,
  deviceClassKind,
  resourceClaimKind,
  resourceClaimTemplateKind,
  resourceSliceKind,
  validatingAdmissionPolicyKind,
  validatingAdmissionPolicyBindingKind,
  mutatingAdmissionPolicyKind,
  mutatingAdmissionPolicyBindingKind,
  validatingWebhookConfigurationKind,
  mutatingWebhookConfigurationKind,
  apiServiceKind,
  customResourceDefinitionKind,
  routeKind,
  securityContextConstraintsKind,
  nodeMetricsKind,
  podMetricsKind,
  tokenReviewKind,
  selfSubjectReviewKind,
  subjectAccessReviewKind,
  localSubjectAccessReviewKind,
  selfSubjectAccessReviewKind,
  selfSubjectRulesReviewKind,
];
