import { defined } from '../pod-spec/defined.ts';
import type { ResourceClaimSpec, Sparse } from '../types.ts';

type Spec = Sparse<ResourceClaimSpec>;
type Request = NonNullable<NonNullable<Spec['devices']>['requests']>[number];
type Exact = NonNullable<Request['exactly']>;

function amountDefaults<T extends Exact>(request: T): T {
  const allocationMode = request.allocationMode ?? 'ExactCount';
  const count = allocationMode === 'ExactCount' ? request.count || 1 : request.count;
  return { ...request, allocationMode, ...defined('count', count) };
}

/** `SetDefaults_ExactDeviceRequest` and `SetDefaults_DeviceSubRequest`: one device. */
export function applyClaimDefaults(spec: Spec): Spec {
  const requests = spec.devices?.requests?.map((request) => ({
    ...request,
    ...defined('exactly', request.exactly && amountDefaults(request.exactly)),
    ...defined('firstAvailable', request.firstAvailable?.map(amountDefaults)),
  }));
  return requests ? { ...spec, devices: { ...spec.devices, requests } } : spec;
}
