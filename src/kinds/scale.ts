import type { KubernetesObject } from '../machinery/object.ts';
import {
  type LabelSelectorObject,
  labelSelectorOf,
  printLabelSelector,
  selectorFromSet,
} from '../machinery/selectors.ts';
import type { KindDefinition, ScalePaths } from './definition.ts';

/** The parts of a kind that has replicas. */
interface Scalable extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: LabelSelectorObject | Readonly<Record<string, string>>;
  };
  readonly status?: { readonly replicas?: number };
}

/** `autoscaling/v1` Scale. */
export interface Scale extends KubernetesObject {
  readonly spec: { readonly replicas?: number };
  readonly status: { readonly replicas: number; readonly selector?: string };
}

const USUAL_REPLICAS = ['spec', 'replicas'];

/** Whether objects of the kind can be scaled. */
export function isScalable(kind: KindDefinition): boolean {
  return kind.subresources.some(({ name }) => name === 'scale');
}

/** Where a custom kind has its numbers; undefined for the house's own. */
export function scalePathsOf(kind: KindDefinition): ScalePaths | undefined {
  return kind.subresources.find(({ name }) => name === 'scale')?.scale;
}

function fieldsOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : {};
}

function valueAt(object: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => fieldsOf(value)[name], object);
}

/** The object with another value at a path; what is missing on the way is made. */
function withValueAt<T extends object>(object: T, [first = '', ...rest]: readonly string[], value: unknown): T {
  const inner = rest.length === 0 ? value : withValueAt(fieldsOf(fieldsOf(object)[first]), rest, value);
  return { ...object, [first]: inner };
}

/** A scalable object with another number of replicas. */
export function withReplicas<T extends KubernetesObject>(kind: KindDefinition, object: T, replicas: number): T {
  return withValueAt(object, scalePathsOf(kind)?.specReplicas ?? USUAL_REPLICAS, replicas);
}

/** The Scale that an object shows; a custom one may lack its number of replicas. */
export function scaleOf(kind: KindDefinition, object: KubernetesObject): Scale {
  const paths = scalePathsOf(kind);
  return paths === undefined ? usualScale(object) : customScale(object, paths);
}

/** The Scale of a custom object; its selector is text. */
function customScale(object: KubernetesObject, paths: ScalePaths): Scale {
  const replicas = valueAt(object, paths.specReplicas);
  const status = valueAt(object, paths.statusReplicas);
  const selector = valueAt(object, paths.labelSelector ?? ['']);
  return {
    ...usualScale(object),
    spec: typeof replicas === 'number' ? { replicas } : {},
    status: {
      replicas: typeof status === 'number' ? status : 0,
      selector: typeof selector === 'string' ? selector : undefined,
    },
  };
}

function usualScale(object: Scalable): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: object.spec?.replicas ?? 1 },
    status: { replicas: object.status?.replicas ?? 0, selector: selectorText(object.spec?.selector) },
  };
}

/** A selector in its query form; ReplicationControllers have plain labels. */
function selectorText(
  selector: LabelSelectorObject | Readonly<Record<string, string>> | undefined,
): string | undefined {
  if (selector === undefined) return undefined;
  const isPlain = Object.values(selector).every((value) => typeof value === 'string');
  if (isPlain) return printLabelSelector(selectorFromSet(selector as Readonly<Record<string, string>>));
  const parsed = labelSelectorOf(selector as LabelSelectorObject);
  return parsed.ok ? printLabelSelector(parsed.value) : undefined;
}
