import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateIngressClass } from './ingress-class-validation.ts';
import type { Draft, IngressClass } from './types.ts';
import { validateImmutable } from './validation.ts';

type Object = Draft<IngressClass>;

function parameters(object: Object): string {
  const ref = object.spec?.parameters;
  if (!ref) return '<none>';
  return [ref.kind ?? '', ...(ref.apiGroup ? [`.${ref.apiGroup}`] : []), `/${ref.name ?? ''}`].join('');
}

function applyDefaults(object: Object): Object {
  const ref = object.spec?.parameters;
  return ref ? { ...object, spec: { ...object.spec, parameters: { ...ref, scope: ref.scope ?? 'Cluster' } } } : object;
}

/** networking.k8s.io/v1 IngressClass. */
export const ingressClassKind = defineKind<Object>({
  group: 'networking.k8s.io',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  namespaced: false,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Controller', 'string', 'Who serves the class.', (o) => o.spec?.controller ?? ''),
    column('Parameters', 'string', 'Object with settings.', parameters),
    ageColumn,
  ],
  defaults: applyDefaults,
  validate: validateIngressClass,
  support: { level: 'partial', note: '`quadshift` is there and the default; parameters have no effect.' },
  validateUpdate: (object, old) => validateImmutable(object.spec?.controller, old.spec?.controller, 'spec.controller'),
});
