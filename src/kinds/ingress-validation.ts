import { index, invalidValue, required } from '../machinery/field-path.ts';
import { isDns1123Subdomain, isWildcardDns1123Subdomain } from '../machinery/names.ts';
import type { Draft, Ingress } from './types.ts';
import { type Findings, validateEnum, validateName } from './validation.ts';

type Spec = NonNullable<Draft<Ingress>['spec']>;
type Rule = NonNullable<Spec['rules']>[number];
type Path = NonNullable<NonNullable<Rule['http']>['paths']>[number];
type Backend = Path['backend'];

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function validateBackend(backend: Backend, path: string): Findings {
  if (backend?.resource) {
    return backend.service ? [invalidValue(path, '', 'cannot set both resource and service backends')] : [];
  }
  if (!backend?.service?.name) return [required(`${path}.service.name`)];
  const { port } = backend.service;
  return port?.name || port?.number ? [] : [required(path, 'port name or number is required')];
}

function validatePath(each: Path, path: string): Findings {
  const { pathType, path: value = '' } = each;
  const absolute =
    pathType === 'ImplementationSpecific' ? value === '' || value.startsWith('/') : value.startsWith('/');
  return [
    ...(pathType === undefined
      ? [required(`${path}.pathType`, 'pathType must be specified')]
      : validateEnum(pathType, `${path}.pathType`, PATH_TYPES)),
    ...(absolute ? [] : [invalidValue(`${path}.path`, value, 'must be an absolute path')]),
    ...validateBackend(each.backend, `${path}.backend`),
  ];
}

function validateRule(rule: Rule, path: string): Findings {
  const { host = '' } = rule;
  const check = host.includes('*') ? isWildcardDns1123Subdomain : isDns1123Subdomain;
  const paths = rule.http?.paths ?? [];
  return [
    ...(host === '' ? [] : validateName(check, host, `${path}.host`)),
    ...(rule.http && paths.length === 0 ? [required(`${path}.http.paths`)] : []),
    ...paths.flatMap((each, position) => validatePath(each, index(`${path}.http.paths`, position))),
  ];
}

/** `ValidateIngressCreate`. */
export function validateIngress(ingress: Draft<Ingress>): Findings {
  const { rules = [], defaultBackend } = ingress.spec ?? {};
  const nothing = rules.length === 0 && !defaultBackend;
  return [
    ...(nothing ? [invalidValue('spec', rules, 'either `defaultBackend` or `rules` must be specified')] : []),
    ...(defaultBackend ? validateBackend(defaultBackend, 'spec.defaultBackend') : []),
    ...rules.flatMap((rule, position) => validateRule(rule, index('spec.rules', position))),
  ];
}
