import { describe, expect, it } from 'vitest';
import { routeKind } from '../kinds/openshift/route.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { AdmissionRequest } from './plugin.ts';
import { createRouteExternalCertificate, type SecretAccess } from './route-external-certificate.ts';

const secret = { metadata: { name: 'web' }, type: 'kubernetes.io/tls' } as KubernetesObject;

/** What the plug-in says to a user's Route whose certificate is the Secret `web`. */
function verdict(given: { allowed?: readonly string[]; secret?: KubernetesObject; user?: object | null }): unknown {
  const { allowed = ['get', 'watch', 'list'], user = { name: 'alice', groups: [] } } = given;
  const asked: SecretAccess[] = [];
  const judge = (access: SecretAccess) => {
    asked.push(access);
    return allowed.includes(access.verb);
  };
  const spec = { tls: { termination: 'edge', externalCertificate: { name: 'web' } } };
  const request = {
    operation: 'CREATE',
    kind: routeKind,
    subresource: '',
    key: { namespace: 'shop', name: 'route' },
    object: { spec } as KubernetesObject,
    ...(user === null ? {} : { user }),
  } as AdmissionRequest;
  const lookup = {
    get: (_: string, { name }: { name: string }) => (name === 'web' ? given.secret : undefined),
    list: () => [],
  };
  const found = createRouteExternalCertificate(() => judge).validate?.(request, lookup);
  expect(asked.every(({ user: who }) => who === 'system:serviceaccount:openshift-ingress:router')).toBe(true);
  return found?.status.message;
}

describe('a Route with an external certificate', () => {
  it('is taken when the router may read the Secret, which is one for TLS', () => {
    expect(verdict({ secret })).toBeUndefined();
  });

  it('is refused with OpenShift’s words otherwise', () => {
    expect(verdict({ secret, allowed: ['get', 'list'] })).toBe(
      'Route.route.openshift.io "route" is invalid: spec.tls.externalCertificate: Forbidden: router serviceaccount does not have permission to watch this secret',
    );
    expect(verdict({})).toContain('spec.tls.externalCertificate: Not found: "secrets \\"web\\" not found"');
    expect(verdict({ secret: { ...secret, type: 'Opaque' } as KubernetesObject })).toContain(
      'spec.tls.externalCertificate: Invalid value: "web": secret of type "kubernetes.io/tls" required',
    );
  });

  it('is not judged when the house itself writes', () => {
    expect(verdict({ user: null })).toBeUndefined();
  });
});
