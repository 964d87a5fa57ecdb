import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import type { ControllerRevision, Draft } from './types.ts';
import { validateImmutable } from './validation.ts';

type Object = Draft<ControllerRevision>;

/** `statefulset.apps/web`: what owns the revision. */
function controller(revision: Object): string {
  const owner = revision.metadata?.ownerReferences?.find((reference) => reference.controller === true);
  if (!owner) return '<none>';
  const [group] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : [''];
  return `${owner.kind.toLowerCase()}${group ? `.${group}` : ''}/${owner.name}`;
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
  validateUpdate: (object, old) => validateImmutable(object.data, old.data, 'data'),
  support: { level: 'full', note: 'The history of StatefulSets and DaemonSets.' },
});
