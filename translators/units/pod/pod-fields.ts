import { refuseUnsupported } from './report.ts';
import type { PodSite } from './site.ts';

/**
 * Every field of a pod's spec that nothing else reads; a new one upstream is a compile error here. What belongs to the
 * scheduler, to admission and to the pod's controllers is done when the pod gets here.
 */
export function reportPodFields({ spec, report, context }: PodSite): void {
  const { containers, initContainers, volumes, restartPolicy, terminationGracePeriodSeconds, ...rest } = spec;
  const { hostname, hostnameOverride, setHostnameAsFQDN, subdomain, hostAliases, dnsPolicy, dnsConfig, ...more } = rest;
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, securityContext, ...scheduling } = more;
  const { nodeName, nodeSelector, affinity, tolerations, topologySpreadConstraints, schedulerName, ...admission } =
    scheduling;
  const { priority, priorityClassName, preemptionPolicy, overhead, schedulingGates, ...identity } = admission;
  const { serviceAccountName, serviceAccount, automountServiceAccountToken, imagePullSecrets, ...others } = identity;
  const { enableServiceLinks, readinessGates, os, hostUsers, activeDeadlineSeconds, ...last } = others;
  const { runtimeClassName, resourceClaims, resources, schedulingGroup, ephemeralContainers, ...unhandled } = last;
  unhandled satisfies Record<PropertyKey, never>;
  const windows = os?.name === undefined || os.name === 'linux' ? undefined : os.name;
  refuseUnsupported(report, 'spec', {
    resourceClaims,
    schedulingGroup,
    'os.name': windows,
  });
  if (runtimeClassName && context.runtimeHandler === '') {
    report.refuse('spec.runtimeClassName', `no runtime for "${runtimeClassName}" is configured`);
  }
}
