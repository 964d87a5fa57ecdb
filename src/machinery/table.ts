import type { KubernetesObject } from './object.ts';

/** A printed column of a kind: `metav1.TableColumnDefinition` plus the cell's function. */
export interface Column<T extends KubernetesObject = KubernetesObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: 'name' | '';
  /** One sentence of our own. */
  readonly description: string;
  /** 0 always shown; 1 with `-o wide`. */
  readonly priority: 0 | 1;
  /** The cell's value; `now` in milliseconds for ages. */
  readonly cell: (object: T, now: number) => string | number | boolean | null;
}
