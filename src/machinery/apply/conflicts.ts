import { goQuote } from '../go-format.ts';
import { StatusError } from '../status-error.ts';
import { type FieldPath, type FieldSet, hasPath, listPaths } from './field-set.ts';
import { printFieldPath } from './fields-v1.ts';
import type { Manager } from './managers.ts';

/** A field that another manager owns with another value. */
export interface Conflict {
  readonly manager: Manager;
  readonly path: FieldPath;
}

/** Conflicts of one manager's fields. */
export function conflictsWith(manager: Manager, fields: FieldSet): readonly Conflict[] {
  return listPaths(fields).map((path) => ({ manager, path }));
}

/** Those conflicts whose path isn't in the set. */
export function conflictsOutside(conflicts: readonly Conflict[], allowed: FieldSet): readonly Conflict[] {
  return conflicts.filter((conflict) => !hasPath(allowed, conflict.path));
}

function printManager({ name, operation, apiVersion, subresource }: Manager): string {
  const head = goQuote(name) + (subresource ? ` with subresource ${goQuote(subresource)}` : '');
  return operation === 'Update' ? `${head} using ${apiVersion}` : head;
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const [only] = conflicts;
  if (conflicts.length === 1 && only !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${printManager(only.manager)}: ${printFieldPath(only.path)}`;
  }
  const managers = [...new Set(conflicts.map((conflict) => printManager(conflict.manager)))].sort();
  const lines = managers.flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...conflicts.filter((c) => printManager(c.manager) === manager).map((c) => `- ${printFieldPath(c.path)}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** 409 that lists the conflicts, `apierrors.NewApplyConflict`. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printManager(manager)}`,
    field: printFieldPath(path),
  }));
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: conflictMessage(conflicts),
    reason: 'Conflict',
    details: { causes },
    code: 409,
  });
}
