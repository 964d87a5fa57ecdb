import { child, forbiddenField, notSupported, required, tooLong } from '../machinery/field-path.ts';
import { isDns1123Label } from '../machinery/names.ts';
import { validateDomainPrefixedPath } from './domain-prefixed-path.ts';
import { validateReference } from './ingress-validation.ts';
import type { Draft, IngressClass } from './types.ts';
import { type Findings, validateName } from './validation.ts';

type Parameters = NonNullable<NonNullable<Draft<IngressClass>['spec']>['parameters']>;

const MAX_CONTROLLER = 250;
const SCOPES = ['Cluster', 'Namespace'];

function validateController(controller: string, path: string): Findings {
  return [
    ...validateDomainPrefixedPath(controller, path),
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
