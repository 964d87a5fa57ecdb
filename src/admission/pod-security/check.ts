import type { Container, Pod, PodSpec, Sparse } from '../../kinds/types.ts';
import { goQuote } from '../../machinery/go-format.ts';

/** What a check looks at: a pod, or the template of one. */
export interface PodShape {
  readonly metadata?: Pod['metadata'];
  readonly spec: Sparse<PodSpec>;
}

/** A finding: the short reason and what exactly is wrong. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** Gives what a pod violates, or undefined. */
export type CheckPod = (pod: PodShape) => Violation | undefined;

/** A control of the Pod Security Standards: the function that applies from each minor version of Kubernetes on. */
export interface Check {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  readonly versions: readonly (readonly [sinceMinor: number, check: CheckPod])[];
  /** Weaker checks that this one makes needless. */
  readonly overrides?: readonly string[];
}

type Context = NonNullable<Sparse<Container>['securityContext']>;

/** Every container of a pod: init, ordinary and ephemeral ones. */
export function containersOf({ spec }: PodShape): readonly Sparse<Container>[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec;
  return [...initContainers, ...containers, ...(ephemeralContainers as readonly Sparse<Container>[])];
}

/** Names of the containers that something holds of. */
export function containersWhere(pod: PodShape, isWrong: (container: Sparse<Container>) => boolean): readonly string[] {
  return containersOf(pod)
    .filter(isWrong)
    .map((container) => container.name ?? '');
}

/** Names of the containers whose security context (an empty one where there is none) is wrong. */
export function contextsWhere(pod: PodShape, isWrong: (context: Context) => boolean): readonly string[] {
  return containersWhere(pod, (container) => isWrong(container.securityContext ?? {}));
}

/** The word for one or for several. */
export function plural(one: string, several: string, count: number): string {
  return count === 1 ? one : several;
}

/** `"a", "b"`. */
export function quoted(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(', ');
}

/** Sorted, each once. */
export function distinct(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

/** `container "a"` or `containers "a", "b"`. */
export function nameContainers(names: readonly string[]): string {
  return `${plural('container', 'containers', names.length)} ${quoted(names)}`;
}

/** Who set something: `pod and container "a"`; '' when nobody did. */
export function nameSetters(pod: boolean, containers: readonly string[]): string {
  return [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [nameContainers(containers)] : [])].join(' and ');
}

/** Whether the pod has its own user namespace, for which some rules are looser. */
export function isInUserNamespace({ spec }: PodShape): boolean {
  return spec.hostUsers === false;
}

/** Whether the pod is for Windows, which has no such settings. */
export function isForWindows({ spec }: PodShape): boolean {
  return spec.os?.name === 'windows';
}

/** Annotations of a pod as `key="value"`, sorted, that a test picks. */
export function annotationsWhere({ metadata }: PodShape, isWrong: (key: string, value: string) => boolean) {
  return Object.entries(metadata?.annotations ?? {})
    .filter(([key, value]) => isWrong(key, value))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .sort();
}
