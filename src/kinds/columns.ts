import type { KubernetesObject } from '../machinery/object.ts';
import { printLabelSelector } from '../machinery/selectors.ts';
import type { Column } from '../machinery/table.ts';
import { humanAge } from '../machinery/time.ts';
import { parseDraftSelector } from './label-selector.ts';
import type { Container, LabelSelector, PodTemplateSpec, Sparse } from './types.ts';

type Cell<T> = (object: T, now: number) => string | number | boolean | null;
type CellType = Column['type'];

/** A column that is always shown. */
export function column<T extends KubernetesObject>(
  name: string,
  type: CellType,
  description: string,
  cell: Cell<T>,
): Column<T> {
  return { name, type, format: '', description, priority: 0, cell };
}

/** A column of `-o wide`. */
export function wideColumn<T extends KubernetesObject>(
  name: string,
  type: CellType,
  description: string,
  cell: Cell<T>,
): Column<T> {
  return { name, type, format: '', description, priority: 1, cell };
}

/** The first column of every kind. */
export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique among its kind in its namespace.',
  priority: 0,
  cell: (object) => object.metadata?.name ?? '',
};

/** Time since creation. */
export const ageColumn: Column = column('Age', 'string', 'Time since the object was created.', (object, now) =>
  elapsedSince(object.metadata?.creationTimestamp, now),
);

/** The second column of kinds without columns of their own. */
export const createdAtColumn: Column = column(
  'Created At',
  'date',
  'When the object was created.',
  (object) => object.metadata?.creationTimestamp ?? '',
);

/** Time from `time` to `now` as kubectl shows ages; `<unknown>` where there is none. */
export function elapsedSince(time: string | undefined | null, now: number): string {
  return humanAge(time || undefined, now);
}

/** Containers and Images of a kind with a pod template. */
export function templateColumns<T extends KubernetesObject>(
  template: (object: T) => Sparse<PodTemplateSpec> | undefined,
): readonly Column<T>[] {
  const containers = (object: T): readonly Sparse<Container>[] => template(object)?.spec?.containers ?? [];
  return [
    wideColumn('Containers', 'string', 'Names of the containers in the template.', (object) =>
      containers(object)
        .map((each) => each.name ?? '')
        .join(','),
    ),
    wideColumn('Images', 'string', 'Images of the containers in the template.', (object) =>
      containers(object)
        .map((each) => each.image ?? '')
        .join(','),
    ),
  ];
}

/** Labels as `k=v,k=v` in key order, `<none>` where there are none: `labels.FormatLabels`. */
export function formatLabels(labels: { readonly [key: string]: string } | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

/** The text, or a stand-in where it is empty. */
export function orElse(text: string | undefined | null, standIn: string): string {
  return text ? text : standIn;
}

/** A label selector in its query form, `<none>` where it is empty: `metav1.FormatLabelSelector`. */
export function formatSelector(selector: Sparse<LabelSelector> | undefined): string {
  const parsed = parseDraftSelector(selector);
  return parsed.ok ? orElse(printLabelSelector(parsed.value), '<none>') : '<error>';
}

/** The wide Selector column of workloads. */
export function selectorColumn<T extends KubernetesObject>(
  selector: (object: T) => Sparse<LabelSelector> | undefined,
): Column<T> {
  return wideColumn('Selector', 'string', 'Which pods it owns.', (object) => formatSelector(selector(object)));
}
