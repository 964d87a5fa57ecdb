import type { KubernetesObject } from './object.ts';
import type { Column } from './table.ts';

/** What each row carries beside its cells: `?includeObject=`. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** `metav1.TableRow`. */
export interface TableRow {
  readonly cells: readonly (string | number | boolean | null)[];
  readonly object?: unknown;
}

/** `meta.k8s.io/v1 Table`. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: {
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly columnDefinitions: readonly {
    readonly name: string;
    readonly type: string;
    readonly format: string;
    readonly description: string;
    readonly priority: number;
  }[];
  readonly rows: readonly TableRow[];
}

/** Options of `renderTable`. */
export interface TableOptions {
  /** Default `Metadata`, as upstream. */
  readonly includeObject?: IncludeObject;
  /** List metadata. */
  readonly metadata?: Table['metadata'];
  /** Watch sends the columns once only: later events leave them out. */
  readonly withoutColumns?: boolean;
}

/** `PartialObjectMetadata` of an object. */
export function partialMetadata(object: KubernetesObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata ?? {} };
}

function renderRow<T extends KubernetesObject>(
  columns: readonly Column<T>[],
  object: T,
  options: RowOptions,
): TableRow {
  const cells = columns.map((column) => column.cell(object, options.now));
  if (options.include === 'None') return { cells };
  return { cells, object: options.include === 'Object' ? object : partialMetadata(object) };
}

interface RowOptions {
  readonly now: number;
  readonly include: IncludeObject;
}

/** Objects as a `Table`; `now` in milliseconds for ages. */
export function renderTable<T extends KubernetesObject>(
  columns: readonly Column<T>[],
  objects: readonly T[],
  now: number,
  options: TableOptions = {},
): Table {
  const include = options.includeObject ?? 'Metadata';
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata ?? {},
    columnDefinitions: options.withoutColumns
      ? []
      : columns.map(({ name, type, format = '', description, priority }) => ({
          name,
          type,
          format,
          description,
          priority,
        })),
    rows: objects.map((object) => renderRow(columns, object, { now, include })),
  };
}
