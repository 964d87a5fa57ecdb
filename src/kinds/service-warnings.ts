import type { Draft, Service } from './types.ts';

type Spec = NonNullable<Draft<Service>['spec']>;

/** What upstream says about Services that are fine but doubtful (`GetWarningsForService`), and what has no effect here. */
export function serviceWarnings(service: Draft<Service>): readonly string[] {
  const spec: Spec = service.spec ?? {};
  return [...ignored(spec), ...doubtful(spec)];
}

function ignored(spec: Spec): readonly string[] {
  const { externalIPs = [], externalName, type } = spec;
  const isAlias = type === 'ExternalName';
  const headless = spec.clusterIP === 'None' && !isAlias;
  const rows: readonly (readonly [boolean, string])[] = [
    [headless && !!spec.loadBalancerIP, 'spec.loadBalancerIP is ignored for headless services'],
    [headless && externalIPs.length > 0, 'spec.externalIPs is ignored for headless services'],
    [headless && spec.sessionAffinity === 'ClientIP', 'spec.SessionAffinity is ignored for headless services'],
    [isAlias && externalIPs.length > 0, 'spec.externalIPs is ignored when spec.type is "ExternalName"'],
    [!isAlias && !!externalName, 'spec.externalName is ignored when spec.type is not "ExternalName"'],
  ];
  return rows.flatMap(([holds, text]) => (holds ? [text] : []));
}

function doubtful({ clusterIP, externalIPs = [], trafficDistribution, type }: Spec): readonly string[] {
  const external = externalIPs.length > 0 && clusterIP !== 'None' && type !== 'ExternalName';
  const field = 'spec.trafficDistribution';
  return [
    ...(external ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'] : []),
    ...(trafficDistribution === 'PreferClose' ? [`${field}: "PreferClose" is deprecated; use "PreferSameZone"`] : []),
    ...(trafficDistribution ? [`${field} has no effect here: there is one node`] : []),
  ];
}
