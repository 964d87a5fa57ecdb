import type { Draft, Service } from './types.ts';

/** What upstream says about Services that are fine but doubtful. */
export function serviceWarnings(service: Draft<Service>): readonly string[] {
  const { clusterIP, sessionAffinity, type, externalIPs = [] } = service.spec ?? {};
  const headless = clusterIP === 'None';
  return [
    ...(headless && sessionAffinity === 'ClientIP' ? ['spec.SessionAffinity is ignored for headless services'] : []),
    ...(type === 'ExternalName' && externalIPs.length > 0
      ? ['spec.externalIPs is ignored when spec.type is "ExternalName"']
      : []),
  ];
}
