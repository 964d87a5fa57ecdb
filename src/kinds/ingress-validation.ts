import { child, invalidValue, notSupported, required } from '../machinery/field-path.ts';
import {
  isDns1123Label,
  isDns1123Subdomain,
  isPathSegment,
  isPortName,
  isPortNumber,
  isWildcardDns1123Subdomain,
} from '../machinery/names.ts';
import { validateEach } from './each.ts';
import { isIpAddress } from './ip-address.ts';
import type { Draft, Ingress } from './types.ts';
import { type Findings, validateName, validateRequiredName } from './validation.ts';

type Spec = NonNullable<Draft<Ingress>['spec']>;
type Rule = NonNullable<Spec['rules']>[number];
type Tls = NonNullable<Spec['tls']>[number];
type Path = NonNullable<NonNullable<Rule['http']>['paths']>[number];
type Backend = NonNullable<Path['backend']>;
type Service = NonNullable<Backend['service']>;
type Reference = NonNullable<Backend['resource']>;

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const FORBIDDEN_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const FORBIDDEN_ENDS = ['/..', '/.'];

/** `validateIngressTypedLocalObjectReference`: another object of the namespace. */
export function validateReference({ apiGroup, kind, name }: Reference, path: string): Findings {
  return [
    ...(apiGroup === undefined ? [] : validateName(isDns1123Subdomain, apiGroup, child(path, 'apiGroup'))),
    ...(kind
      ? validateName(isPathSegment, kind, child(path, 'kind'))
      : [required(child(path, 'kind'), 'kind is required')]),
    ...(name
      ? validateName(isPathSegment, name, child(path, 'name'))
      : [required(child(path, 'name'), 'name is required')]),
  ];
}

function validateServicePort({ port }: Service, path: string): Findings {
  const { name = '', number = 0 } = port ?? {};
  if (name !== '' && number !== 0) return [invalidValue(path, '', 'cannot set both port name & port number')];
  if (name !== '') return validateName(isPortName, name, child(path, 'service', 'port', 'name'));
  if (number === 0) return [required(path, 'port name or number is required')];
  const field = child(path, 'service', 'port', 'number');
  return isPortNumber(number).map((message) => invalidValue(field, number, message));
}

function validateBackend(backend: Backend, path: string): Findings {
  const { resource, service } = backend;
  if (resource && service) return [invalidValue(path, '', 'cannot set both resource and service backends')];
  if (resource) return validateReference(resource, child(path, 'resource'));
  if (!service) return [invalidValue(path, '', 'resource or service backend is required')];
  return [
    ...validateRequiredName(isDns1123Label, service.name, child(path, 'service', 'name')),
    ...validateServicePort(service, path),
  ];
}

function validateExactPath(value: string, path: string): Findings {
  return [
    ...(value.startsWith('/') ? [] : [invalidValue(path, value, 'must be an absolute path')]),
    ...FORBIDDEN_SEQUENCES.filter((part) => value.includes(part)).map((part) =>
      invalidValue(path, value, `must not contain '${part}'`),
    ),
    ...FORBIDDEN_ENDS.filter((end) => value.endsWith(end)).map((end) =>
      invalidValue(path, value, `cannot end with '${end}'`),
    ),
  ];
}

function validatePathValue(type: string, value: string, path: string): Findings {
  const field = child(path, 'path');
  switch (type) {
    case 'Exact':
    case 'Prefix':
      return validateExactPath(value, field);
    case 'ImplementationSpecific':
      return value === '' || value.startsWith('/') ? [] : [invalidValue(field, value, 'must be an absolute path')];
    default:
      return [notSupported(child(path, 'pathType'), type, PATH_TYPES)];
  }
}

function validatePath({ pathType, path: value = '', backend }: Path, path: string): Findings {
  if (pathType === undefined) return [required(child(path, 'pathType'), 'pathType must be specified')];
  return [...validatePathValue(pathType, value, path), ...validateBackend(backend ?? {}, child(path, 'backend'))];
}

function validateHost(host: string, path: string): Findings {
  return validateName(host.includes('*') ? isWildcardDns1123Subdomain : isDns1123Subdomain, host, path);
}

function validateRule({ host = '', http }: Rule, path: string): Findings {
  const [hostField, paths] = [child(path, 'host'), child(path, 'http', 'paths')];
  const isIp = host !== '' && isIpAddress(host).length === 0;
  return [
    ...(isIp ? [invalidValue(hostField, host, 'must be a DNS name, not an IP address')] : []),
    ...(host === '' ? [] : validateHost(host, hostField)),
    ...(http && (http.paths ?? []).length === 0 ? [required(paths)] : []),
    ...validateEach(http?.paths, paths, validatePath),
  ];
}

function validateTls({ hosts, secretName = '' }: Tls, path: string): Findings {
  return [
    ...validateEach(hosts, child(path, 'hosts'), validateHost),
    ...(secretName === '' ? [] : validateName(isDns1123Subdomain, secretName, child(path, 'secretName'))),
  ];
}

/** `ValidateIngressCreate`. */
export function validateIngress(ingress: Draft<Ingress>): Findings {
  const { rules = [], defaultBackend, tls, ingressClassName: name } = ingress.spec ?? {};
  const nothing = rules.length === 0 && !defaultBackend;
  return [
    ...(nothing ? [invalidValue('spec', rules, 'either `defaultBackend` or `rules` must be specified')] : []),
    ...(defaultBackend ? validateBackend(defaultBackend, 'spec.defaultBackend') : []),
    ...validateEach(rules, 'spec.rules', validateRule),
    ...validateEach(tls, 'spec.tls', validateTls),
    ...(name === undefined ? [] : validateName(isDns1123Subdomain, name, 'spec.ingressClassName')),
  ];
}
