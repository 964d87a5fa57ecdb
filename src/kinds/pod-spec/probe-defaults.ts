import type { LifecycleHandler, Probe, Sparse } from '../types.ts';
import { defined } from './defined.ts';

type Handler = Sparse<LifecycleHandler>;

/** HTTP actions ask for `/` with HTTP unless they say otherwise. */
export function applyHandlerDefaults<T extends Pick<Handler, 'httpGet'>>(handler: T): T {
  const { httpGet } = handler;
  if (!httpGet) return handler;
  return { ...handler, httpGet: { ...httpGet, path: httpGet.path || '/', scheme: httpGet.scheme || 'HTTP' } };
}

/** `SetDefaults_Probe`. */
export function applyProbeDefaults(probe: Sparse<Probe>): Sparse<Probe> {
  return {
    ...applyHandlerDefaults(probe),
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
    ...defined('grpc', probe.grpc && { ...probe.grpc, service: probe.grpc.service ?? '' }),
  };
}
