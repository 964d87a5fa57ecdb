import { child, required } from '../machinery/field-path.ts';
import { isDns1123Subdomain, isPathSegment } from '../machinery/names.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { isIpAddress } from './ip-address.ts';
import type { Draft, IpAddress } from './types.ts';
import { type Findings, validateImmutable, validateName, validateRequiredName } from './validation.ts';

type Object = Draft<IpAddress>;

const PARENT = 'spec.parentRef';

/** `services/default/kubernetes`. */
function parent({ spec }: Object): string {
  const { group = '', resource = '', namespace = '', name = '' } = spec?.parentRef ?? {};
  const type = group === '' ? resource : `${resource}.${group}`;
  return [type, namespace, name].filter((part) => part !== '').join('/') || '<none>';
}

function validateParent(spec: Object['spec']): Findings {
  const ref = spec?.parentRef;
  if (!ref) return [required(PARENT)];
  return [
    ...(ref.group ? validateName(isDns1123Subdomain, ref.group, child(PARENT, 'group')) : []),
    ...validateRequiredName(isPathSegment, ref.resource, child(PARENT, 'resource')),
    ...validateRequiredName(isPathSegment, ref.name, child(PARENT, 'name')),
    ...(ref.namespace ? validateName(isPathSegment, ref.namespace, child(PARENT, 'namespace')) : []),
  ];
}

/** networking.k8s.io/v1 IPAddress: an address that a Service holds. Its name is the address. */
export const ipAddressKind = defineKind<Object>({
  group: 'networking.k8s.io',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  shortNames: ['ip'],
  namespaced: false,
  nameRule: 'path-segment',
  columns: [nameColumn, column('ParentRef', 'string', 'Who holds it.', parent), ageColumn],
  validate: (object) => [
    ...validateName(isIpAddress, object.metadata?.name ?? '', 'metadata.name'),
    ...validateParent(object.spec),
  ],
  validateUpdate: (object, old) => validateImmutable(object.spec?.parentRef, old.spec?.parentRef, PARENT),
  support: { level: 'stored', note: 'Stored; Services do not make them.' },
});
