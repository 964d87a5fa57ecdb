import type { KindDefinition } from '../kinds/definition.ts';
import { renderTable } from '../machinery/render-table.ts';
import { badRequest } from '../machinery/status-error.ts';
import type { ListMeta, SerializedObject } from './serialized.ts';

/** What a row carries beside its cells: `includeObject` of `metav1.TableOptions`. */
export type IncludedObject = 'None' | 'Metadata' | 'Object';

/** Reads `includeObject`. Throws 400. */
export function includedObject(query: URLSearchParams): IncludedObject {
  const value = query.get('includeObject') ?? '';
  if (value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`);
}

/** What a Table is made of. */
export interface TableInput {
  readonly kind: KindDefinition;
  readonly entries: readonly SerializedObject[];
  readonly metadata: ListMeta;
  readonly include: IncludedObject;
  /** Column definitions; a watch sends them with its first event only. */
  readonly headers: boolean;
}

/** The text of a `meta.k8s.io/v1` Table. */
export function tableText({ kind, entries, metadata, include, headers }: TableInput): string {
  const objects = entries.map(({ object }) => object);
  const options = { includeObject: include, metadata, withoutColumns: !headers };
  const table = renderTable(kind.columns, objects, Date.now(), options);
  const rows = table.rows.map((row, index) => {
    const object = objects[index];
    const conditions = (object && kind.rowConditions?.(object)) ?? [];
    return conditions.length === 0 ? row : { ...row, conditions };
  });
  return JSON.stringify({ ...table, rows });
}
