import { child, forbiddenField, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { isDns1123Label, isDns1123Subdomain } from '../../machinery/names.ts';
import { validateEach } from '../each.ts';
import { type Findings, validateImmutable } from '../validation.ts';
import type { Route, RouteHeader, RouteSpec, RouteTarget, RouteTls } from './route-types.ts';

const MAX_ALTERNATIVES = 3;
const MAX_WEIGHT = 256;
const TERMINATIONS = ['edge', 'passthrough', 'reencrypt'];
const SECRETS = {
  certificate: 'redacted certificate data',
  key: 'redacted key data',
  caCertificate: 'redacted ca certificate data',
  destinationCACertificate: 'redacted destination ca certificate data',
} as const;
/** Headers that a route may not touch: the router needs them. */
const RESERVED_HEADERS = ['strict-transport-security', 'proxy', 'cookie', 'set-cookie', 'host'];

const RESERVED = `the following headers may not be modified using this API: ${RESERVED_HEADERS.join(', ')}`;

function validateHost(host: string, path: string): Findings {
  if (host === '') return [];
  const convention = 'host must conform to DNS 952 subdomain conventions';
  return [
    ...(isDns1123Subdomain(host).length === 0 ? [] : [invalidValue(path, host, convention)]),
    ...host.split('.').flatMap((label) => isDns1123Label(label).map((why) => invalidValue(path, host, why))),
  ];
}

function validateSubdomain(subdomain: string): Findings {
  if (subdomain === '' || isDns1123Subdomain(subdomain).length === 0) return [];
  return [invalidValue('spec.subdomain', subdomain, 'subdomain must conform to DNS 952 subdomain conventions')];
}

function validateWildcard({ wildcardPolicy = '', host = '' }: RouteSpec): Findings {
  const path = 'spec.wildcardPolicy';
  const policies = ['None', 'Subdomain'];
  if (wildcardPolicy !== '' && !policies.includes(wildcardPolicy))
    return [notSupported(path, wildcardPolicy, policies)];
  const nowhere = wildcardPolicy === 'Subdomain' && host === '';
  return nowhere ? [invalidValue(path, wildcardPolicy, 'host name not specified for wildcard policy')] : [];
}

function validatePath({ path = '', tls }: RouteSpec): Findings {
  if (path === '') return [];
  return [
    ...(path.startsWith('/') ? [] : [invalidValue('spec.path', path, 'path must begin with /')]),
    ...(tls?.termination === 'passthrough'
      ? [invalidValue('spec.path', path, 'passthrough termination does not support paths')]
      : []),
  ];
}

function validateTarget({ kind = '', name = '', weight }: RouteTarget, path: string): Findings {
  const field = child(path, 'weight');
  const outside = weight !== undefined && (weight < 0 || weight > MAX_WEIGHT);
  return [
    ...(name === '' ? [required(child(path, 'name'))] : []),
    ...(kind === 'Service' ? [] : [invalidValue(child(path, 'kind'), kind, 'must be Service')]),
    ...(outside ? [invalidValue(field, weight, `weight must be an integer between 0 and ${MAX_WEIGHT}`)] : []),
  ];
}

function refuseSecrets(tls: RouteTls, fields: readonly (keyof typeof SECRETS)[], why: string): Findings {
  return fields.filter((field) => tls[field]).map((field) => invalidValue(`spec.tls.${field}`, SECRETS[field], why));
}

function validateInsecure({ termination, insecureEdgeTerminationPolicy: policy = '' }: RouteTls): Findings {
  const allowed = termination === 'passthrough' ? ['None', 'Redirect'] : ['None', 'Allow', 'Redirect'];
  if (policy === '' || allowed.includes(policy)) return [];
  const list = `acceptable values are ${allowed.join(', ')}, or empty`;
  const why = `invalid value for InsecureEdgeTerminationPolicy option, ${list}`;
  return [invalidValue('spec.tls.insecureEdgeTerminationPolicy', policy, why)];
}

function validateExternal({ termination, externalCertificate, certificate }: RouteTls): Findings {
  const { name = '' } = externalCertificate ?? {};
  const field = 'spec.tls.externalCertificate';
  if (name === '') return [];
  if (termination === 'passthrough')
    return [invalidValue(field, name, 'passthrough termination does not support certificates')];
  const why = 'cannot specify both tls.certificate and tls.externalCertificate';
  return certificate ? [invalidValue(field, name, why)] : [];
}

function validateTls(tls: RouteTls | undefined): Findings {
  if (!tls) return [];
  const { termination = '' } = tls;
  const insecure = [...validateInsecure(tls), ...validateExternal(tls)];
  switch (termination) {
    case 'reencrypt':
      return insecure;
    case 'passthrough': {
      const fields = ['certificate', 'key', 'caCertificate', 'destinationCACertificate'] as const;
      return [...refuseSecrets(tls, fields, 'passthrough termination does not support certificates'), ...insecure];
    }
    case 'edge': {
      const why = 'edge termination does not support destination certificates';
      return [...refuseSecrets(tls, ['destinationCACertificate'], why), ...insecure];
    }
    default:
      return [notSupported('spec.tls.termination', termination, TERMINATIONS)];
  }
}

function validateHeader({ name = '', action = {} }: RouteHeader, path: string): Findings {
  const type = child(path, 'action', 'type');
  const reserved = RESERVED_HEADERS.includes(name.toLowerCase());
  const setless = action.type === 'Set' && !action.set?.value;
  return [
    ...(name === '' ? [required(child(path, 'name'))] : []),
    ...(reserved ? [forbiddenField(child(path, 'name'), RESERVED)] : []),
    ...(action.type === 'Set' || action.type === 'Delete'
      ? []
      : [notSupported(type, action.type ?? '', ['Delete', 'Set'])]),
    ...(setless
      ? [required(child(path, 'action', 'set'), 'set is required when type is Set, and forbidden otherwise')]
      : []),
  ];
}

/** `ValidateRoute` of OpenShift. */
export function validateRoute({ spec = {} }: Route): Findings {
  const { alternateBackends: others = [], port } = spec;
  const target = port?.targetPort;
  const { request, response } = spec.httpHeaders?.actions ?? {};
  return [
    ...validateHost(spec.host ?? '', 'spec.host'),
    ...validateSubdomain(spec.subdomain ?? ''),
    ...validateWildcard(spec),
    ...validatePath(spec),
    ...validateTarget(spec.to ?? {}, 'spec.to'),
    ...(others.length > MAX_ALTERNATIVES
      ? [required('spec.alternateBackends', `cannot specify more than ${MAX_ALTERNATIVES} alternate backends`)]
      : []),
    ...validateEach(others, 'spec.alternateBackends', validateTarget),
    ...(port && !target ? [required('spec.port.targetPort')] : []),
    ...validateTls(spec.tls),
    ...validateEach(request, 'spec.httpHeaders.actions.request', validateHeader),
    ...validateEach(response, 'spec.httpHeaders.actions.response', validateHeader),
  ];
}

/** `ValidateRouteUpdate`. */
export function validateRouteUpdate(route: Route, old: Route): Findings {
  return validateImmutable(route.spec?.wildcardPolicy, old.spec?.wildcardPolicy, 'spec.wildcardPolicy');
}
