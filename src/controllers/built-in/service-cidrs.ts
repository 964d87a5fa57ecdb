import type { BuiltIn } from './built-in.ts';

/** The range that ClusterIPs come from, as an object: `kubernetes`. */
export function serviceCidrs(cidrs: readonly string[]): readonly BuiltIn[] {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: '',
    message: 'Kubernetes Service CIDR is ready',
  };
  const object = { metadata: { name: 'kubernetes' }, spec: { cidrs }, status: { conditions: [ready] } };
  return [{ resource: 'networking.k8s.io/servicecidrs', isFixed: true, object }];
}
