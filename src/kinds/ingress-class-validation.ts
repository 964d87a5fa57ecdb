import { child, forbiddenField, invalidValue, notSupported, required, tooLong } from '../machinery/field-path.ts';
import { isDns1123Label, isDns1123Subdomain } from '../machinery/names.ts';
import { validateReference } from './ingress-validation.ts';
import type { Draft, IngressClass } from './types.ts';
import { type Findings, validateName } from './validation.ts';

type Parameters = NonNullable<NonNullable<Draft<IngressClass>['spec']>['parameters']>;

const MAX_CONTROLLER = 250;
const SCOPES = ['Cluster', 'Namespace'];
const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** `IsDomainPrefixedPath`: `example.com/path`. */
function validateController(controller: string, path: string): Findings {
  if (controller === '') return [required(path)];
  const slash = controller.indexOf('/');
  const [domain, rest] = [controller.slice(0, slash), controller.slice(slash + 1)];
  if (slash < 0 || domain === '' || rest === '') {
    return [invalidValue(path, controller, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const detail = `Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`;
  return [
    ...validateName(isDns1123Subdomain, domain, path),
    ...(PATH.test(rest) ? [] : [invalidValue(path, rest, detail)]),
    ...(controller.length > MAX_CONTROLLER ? [tooLong(path, MAX_CONTROLLER)] : []),
  ];
}

function validateScope({ scope, namespace }: Parameters, path: string): Findings {
  const field = child(path, 'namespace');
  if (scope === undefined) return [required(child(path, 'scope'))];
  if (!SCOPES.includes(scope)) return [notSupported(child(path, 'scope'), scope, SCOPES)];
  if (scope === 'Cluster') {
    return namespace === undefined ? [] : [forbiddenField(field, "`parameters.scope` is set to 'Cluster'")];
  }
  if (namespace === undefined) return [required(field, "`parameters.scope` is set to 'Namespace'")];
  return validateName(isDns1123Label, namespace, field);
}

/** `ValidateIngressClass`. */
export function validateIngressClass({ spec = {} }: Draft<IngressClass>): Findings {
  const { controller = '', parameters } = spec;
  const path = 'spec.parameters';
  return [
    ...validateController(controller, 'spec.controller'),
    ...(parameters ? [...validateReference(parameters, path), ...validateScope(parameters, path)] : []),
  ];
}
