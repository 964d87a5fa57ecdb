import { invalidValue, required } from '../../machinery/field-path.ts';
import { isDns1035Label, isDns1123Subdomain, isPortNumber } from '../../machinery/names.ts';
import { decodedLength } from '../base64.ts';
import type { ApiService, Draft } from '../types.ts';
import { type Findings, validateName } from '../validation.ts';

type Object = Draft<ApiService>;
type Spec = NonNullable<Object['spec']>;

const MAX_GROUP_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1000;

function validateIdentity({ metadata, spec = {} }: Object): Findings {
  const { group = '', version = '' } = spec;
  const wanted = `${version}.${group}`;
  const detail = `must be \`spec.version+"."+spec.group\`: "${wanted}"`;
  const legacy = 'only v1 may have an empty group and it better be legacy kube';
  return [
    ...(metadata?.name === wanted ? [] : [invalidValue('metadata.name', metadata?.name ?? '', detail)]),
    ...(group === '' && version !== 'v1' ? [required('spec.group', legacy)] : []),
    ...(group === '' ? [] : validateName(isDns1123Subdomain, group, 'spec.group')),
    ...validateName(isDns1035Label, version, 'spec.version'),
  ];
}

function validatePriority(value: number | undefined, field: string, max: number): Findings {
  const priority = value ?? 0;
  if (priority > 0 && priority <= max) return [];
  return [invalidValue(field, priority, `must be positive and less than ${max}`)];
}

function validateLocal({ caBundle = '', insecureSkipTLSVerify: insecure }: Spec): Findings {
  const size = `${decodedLength(caBundle)} bytes`;
  return [
    ...(caBundle === '' ? [] : [invalidValue('spec.caBundle', size, 'local APIServices may not have a caBundle')]),
    ...(insecure === true
      ? [invalidValue('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
      : []),
  ];
}

function validateRemote({ service = {}, caBundle = '', insecureSkipTLSVerify: insecure }: Spec): Findings {
  const { name, namespace, port = 443 } = service;
  const wrong = isPortNumber(port);
  const both = insecure === true && caBundle !== '';
  return [
    ...(namespace ? [] : [required('spec.service.namespace')]),
    ...(name ? [] : [required('spec.service.name')]),
    ...(wrong.length === 0 ? [] : [invalidValue('spec.service.port', port, `port is not valid: ${wrong.join(', ')}`)]),
    ...(both ? [invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')] : []),
  ];
}

/** `ValidateAPIService`. */
export function validateApiService(object: Object): Findings {
  const { spec = {} } = object;
  return [
    ...validateIdentity(object),
    ...validatePriority(spec.groupPriorityMinimum, 'spec.groupPriorityMinimum', MAX_GROUP_PRIORITY),
    ...validatePriority(spec.versionPriority, 'spec.versionPriority', MAX_VERSION_PRIORITY),
    ...(spec.service ? validateRemote(spec) : validateLocal(spec)),
  ];
}
