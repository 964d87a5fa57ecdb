import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateNamespaceStatus } from './status/other-statuses.ts';
import type { Draft, Namespace } from './types.ts';

type Object = Draft<Namespace>;

/** The label that every namespace carries: its own name. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

function withNameLabel(object: Object): Object {
  const name = object.metadata?.name;
  if (!name || object.metadata?.labels?.[NAMESPACE_NAME_LABEL] === name) return object;
  const labels = { ...object.metadata?.labels, [NAMESPACE_NAME_LABEL]: name };
  return { ...object, metadata: { ...object.metadata, labels } };
}

function withFinalizer(object: Object): Object {
  const finalizers = object.spec?.finalizers ?? [];
  if (finalizers.includes('kubernetes')) return object;
  return { ...object, spec: { ...object.spec, finalizers: [...finalizers, 'kubernetes'] } };
}

/** core/v1 Namespace. Its finalizers change through `finalize` only. */
export const namespaceKind = defineKind<Object>({
  kind: 'Namespace',
  shortNames: ['ns'],
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  hasStatus: true,
  subresources: [{ name: 'finalize', verbs: ['update'] }],
  nameRule: 'dns-label',
  columns: [nameColumn, column('Status', 'string', 'Life cycle phase.', (o) => o.status?.phase ?? ''), ageColumn],
  selectableFields: { 'status.phase': (o) => o.status?.phase ?? '' },
  validateThrough: { status: validateNamespaceStatus },
  prepareForCreate: (object) => ({ ...withFinalizer(object), status: { phase: 'Active' } }),
  prepareForUpdate: (object, old) => ({ ...object, spec: { ...object.spec, finalizers: old.spec?.finalizers } }),
  defaults: withNameLabel,
  support: { level: 'full', note: 'Life cycle with content deletion.' },
});
