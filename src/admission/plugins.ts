import type { Pod } from '../kinds/types.ts';
import { certificateRequester } from './certificate-requester.ts';
import { certificateSigners } from './certificate-signers.ts';
import { certificateSubjects } from './certificate-subjects.ts';
import { claimExpansion } from './claim-expansion.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { createDynamicAdmission, type DynamicAdmissionOptions } from './dynamic-admission.ts';
import { createHostProtocols } from './host-protocols.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { podSecurity } from './pod-security/pod-security.ts';
import { createPodTranslation, type PodFindings } from './pod-translation.ts';
import { priority } from './priority.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { createResourceQuota } from './resource-quota.ts';
import { createRouteExternalCertificate } from './route-external-certificate.ts';
import { createRouteHost } from './route-host.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { createServiceAddresses, type ServiceAddressOptions } from './service-addresses.ts';
import { storageObjectInUse } from './storage-object-in-use.ts';

/** What the plug-ins need to know of this installation. */
export interface AdmissionOptions extends ServiceAddressOptions {
  /** What this host can't do of a pod, or does differently. Pure. */
  readonly diagnosePod?: (pod: Pod) => PodFindings;
  /** Whether the kernel has SCTP. Without it nobody is warned. Pure. */
  readonly hasSctp?: Parameters<typeof createHostProtocols>[0];
  /** Whether users may hand out what roles and bindings would give. Without it nobody is held back. */
  readonly judgeEscalation?: Parameters<typeof rbacEscalation>[0];
  /** Whether roles allow an access to a Secret. Without it Routes may name any of their namespace. */
  readonly judgeSecretAccess?: Parameters<typeof createRouteExternalCertificate>[0];
  /** Whether roles allow to approve or sign for a signer. Without it whoever may write may do both. */
  readonly judgeSigner?: Parameters<typeof certificateSigners>[0];
  /** Domain of the hosts of Routes that name none. */
  readonly routeDomain?: string;
  /** What policies and webhooks need. Without it none is asked. */
  readonly dynamic?: DynamicAdmissionOptions;
}

/**
 * The plug-ins that are always on, in the order in which they run. Of those that mutate, addresses come last: nothing
 * may refuse after them. Of those that validate, quotas come last: they charge for what all others let through.
 */
export function createAdmissionPlugins(options: AdmissionOptions): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    limitRanger,
    serviceAccount,
    podSecurity,
    priority,
    defaultTolerationSeconds,
    defaultStorageClass,
    storageObjectInUse,
    claimExpansion,
    runtimeClass,
    certificateRequester,
    certificateSubjects,
    defaultIngressClass,
    createRouteHost(options.routeDomain),
    ...(options.diagnosePod ? [createPodTranslation(options.diagnosePod)] : []),
    ...(options.hasSctp ? [createHostProtocols(options.hasSctp)] : []),
    ...(options.judgeSigner ? [certificateSigners(options.judgeSigner)] : []),
    ...(options.judgeEscalation ? [rbacEscalation(options.judgeEscalation)] : []),
    ...(options.dynamic ? [createDynamicAdmission(options.dynamic)] : []),
    ...(options.judgeSecretAccess ? [createRouteExternalCertificate(options.judgeSecretAccess)] : []),
    createServiceAddresses(options),
    createResourceQuota(),
  ];
}
