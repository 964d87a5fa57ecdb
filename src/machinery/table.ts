import type { KubernetesObject } from './object.ts';

/** A printed column of a kind: `metav1.TableColumnDefinition` plus the cell's function. */
export interface Column<T extends KubernetesObject = KubernetesObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** `name` marks the column that kubectl shows with `-o name`; custom columns may have an OpenAPI format. */
  readonly format?: string;
  /** One sentence of our own. */
  readonly description: string;
  /** 0 always shown; more with `-o wide`. */
  readonly priority: number;
  /** The cell's value; `now` in milliseconds for ages. */
  readonly cell: (object: T, now: number) => string | number | boolean | null;
}
