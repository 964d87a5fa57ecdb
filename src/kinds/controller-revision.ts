import { required } from '../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import type { ControllerRevision, Draft } from './types.ts';
import { type Findings, validateImmutable, validateNonNegative } from './validation.ts';

type Object = Draft<ControllerRevision>;

/** `statefulset.apps/web`: what owns the revision. */
function controller(revision: Object): string {
  const owner = revision.metadata?.ownerReferences?.find((reference) => reference.controller === true);
  if (!owner) return '<none>';
  const [group] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [''];
  return `${owner.kind.toLowerCase()}${group ? `.${group}` : ''}/${owner.name}`;
}

function validateRevision({ data, revision = 0 }: Object): Findings {
  const kept = data as unknown;
  const isObject = typeof kept === 'object' && kept !== null && !Array.isArray(kept);
  const found = kept === undefined ? 'data is mandatory' : isObject ? undefined : 'data must be a valid JSON object';
  return [...validateNonNegative(revision, 'revision'), ...(found === undefined ? [] : [required('data', found)])];
}

/** apps/v1 ControllerRevision. */
export const controllerRevisionKind = defineKind<Object>({
  group: 'apps',
  kind: 'ControllerRevision',
  columns: [
    nameColumn,
    column('Controller', 'string', 'What it is a revision of.', controller),
    column('Revision', 'string', 'Its number.', (o) => o.revision ?? 0),
    ageColumn,
  ],
  validate: validateRevision,
  validateUpdate: (object, old) => validateImmutable(object.data, old.data, 'data'),
  support: { level: 'full', note: 'The history of StatefulSets and DaemonSets.' },
});
