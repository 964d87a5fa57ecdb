import type { Route } from '../kinds/openshift/route-types.ts';
import type { RbacLookup } from '../kinds/policy-rules/rbac-lookup.ts';
import type { Secret } from '../kinds/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import { forbiddenField, invalidValue, notFoundField } from '../machinery/field-path.ts';
import { invalid } from '../machinery/status-error.ts';
import { type AdmissionLookup, type AdmissionPlugin, type AdmissionRequest, isAbout } from './plugin.ts';
import { rbacLookup } from './rbac-lookup.ts';

/** Who reads the Secrets of Routes, as OpenShift calls it: manifests grant the right to it. */
const ROUTER = 'system:serviceaccount:openshift-ingress:router';
const FIELD = 'spec.tls.externalCertificate';
const VERBS = ['get', 'watch', 'list'] as const;

/** A Secret that somebody wants to read. */
export interface SecretAccess {
  readonly user: string;
  readonly verb: string;
  readonly namespace: string;
  readonly name: string;
}

/** Whether roles and bindings allow an access. */
export type SecretJudge = (access: SecretAccess) => boolean;

/** Why the router may not show a Secret's certificate, a sentence for each right that it lacks. */
export function missingRights(namespace: string, name: string, mayRead: SecretJudge): readonly string[] {
  return VERBS.filter((verb) => !mayRead({ user: ROUTER, verb, namespace, name })).map(
    (verb) => `router serviceaccount does not have permission to ${verb} this secret`,
  );
}

function findings(
  route: Route,
  namespace: string,
  lookup: AdmissionLookup,
  mayRead: SecretJudge,
): readonly FieldError[] {
  const name = route.spec?.tls?.externalCertificate?.name ?? '';
  const refused = missingRights(namespace, name, mayRead).map((why) => forbiddenField(FIELD, why));
  const secret = lookup.get('/secrets', { namespace, name }) as Secret | undefined;
  if (secret === undefined) return [...refused, notFoundField(FIELD, `secrets "${name}" not found`)];
  if (secret.type === 'kubernetes.io/tls') return refused;
  return [...refused, invalidValue(FIELD, name, 'secret of type "kubernetes.io/tls" required')];
}

function isConcerned(request: AdmissionRequest): boolean {
  if (request.operation === 'DELETE' || !isAbout(request, 'route.openshift.io/routes')) return false;
  // The house's own controllers write without a user.
  return request.user !== undefined && Boolean((request.object as Route).spec?.tls?.externalCertificate?.name);
}

/**
 * A Route may show the certificate of a Secret only where the router was given the right to read it, so that nobody
 * gets at Secrets of a namespace by a Route: OpenShift's `ValidateTLSExternalCertificate`.
 */
export function createRouteExternalCertificate(judgeOver: (lookup: RbacLookup) => SecretJudge): AdmissionPlugin {
  return {
    name: 'RouteExternalCertificate',
    validate: (request, lookup) => {
      if (!isConcerned(request)) return undefined;
      const { namespace, name } = request.key;
      const errors = findings(request.object as Route, namespace, lookup, judgeOver(rbacLookup(lookup)));
      return errors.length === 0
        ? undefined
        : invalid({ group: 'route.openshift.io', resource: 'Route', name }, errors);
    },
  };
}
