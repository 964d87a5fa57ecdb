/**
 * A set of paths into an object (structured-merge-diff's `fieldpath.Set`): which of this level's elements are in it,
 * and sets below them. Elements are spelt as in FieldsV1: `f:name`, `k:{"name":"a"}`, `v:"x"`, `i:0`.
 */
export interface FieldSet {
  readonly members: ReadonlySet<string>;
  /** Never holds an empty set. */
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** Elements from the root. */
export type FieldPath = readonly string[];

interface MutableFieldSet {
  readonly members: Set<string>;
  readonly children: Map<string, MutableFieldSet>;
}

function newSet(): MutableFieldSet {
  return { members: new Set(), children: new Map() };
}

/** The set without paths. */
export const EMPTY_FIELD_SET: FieldSet = newSet();

/** Collects paths. */
export class FieldSetBuilder {
  readonly set = newSet();

  /** Adds a path; the root itself is never in a set. */
  insert(path: FieldPath): void {
    let level = this.set;
    const last = path.length - 1;
    if (last < 0) return;
    for (const element of path.slice(0, last)) {
      let below = level.children.get(element);
      if (below === undefined) {
        below = newSet();
        level.children.set(element, below);
      }
      level = below;
    }
    level.members.add(path[last] ?? '');
  }
}

/** A set of the given paths. */
export function fieldSetOf(...paths: readonly FieldPath[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.insert(path);
  return builder.set;
}

/** Whether there is no path in it. */
export function isEmptySet(set: FieldSet): boolean {
  return set.members.size === 0 && set.children.size === 0;
}

/** Whether the path is in the set. */
export function hasPath(set: FieldSet, path: FieldPath): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return false;
  if (rest.length === 0) return set.members.has(first);
  const below = set.children.get(first);
  return below !== undefined && hasPath(below, rest);
}

function makeSet(members: Iterable<string>, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  const kept = [...children].filter(([, set]) => !isEmptySet(set));
  return { members: new Set(members), children: new Map(kept) };
}

/** Paths of either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  const children = new Map(a.children);
  for (const [element, set] of b.children) {
    const other = children.get(element);
    children.set(element, other === undefined ? set : union(other, set));
  }
  return { members: new Set([...a.members, ...b.members]), children };
}

/** Paths of both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = [...a.children].map(
    ([element, set]) => [element, intersection(set, b.children.get(element) ?? EMPTY_FIELD_SET)] as const,
  );
  return makeSet(
    [...a.members].filter((element) => b.members.has(element)),
    children,
  );
}

/** Paths of `a` that aren't in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a;
  const children = [...a.children].map(([element, set]) => {
    const other = b.children.get(element);
    return [element, other === undefined ? set : difference(set, other)] as const;
  });
  return makeSet(
    [...a.members].filter((element) => !b.members.has(element)),
    children,
  );
}

/** Paths of `a` that are neither in `b` nor below a path of `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a;
  const children = [...a.children].flatMap(([element, set]) => {
    if (b.members.has(element)) return [];
    const other = b.children.get(element);
    return [[element, other === undefined ? set : recursiveDifference(set, other)] as const];
  });
  return makeSet(
    [...a.members].filter((element) => !b.members.has(element)),
    children,
  );
}

/** Every path, in the order of the elements' spelling. */
export function listPaths(set: FieldSet, prefix: FieldPath = []): readonly FieldPath[] {
  const elements = [...new Set([...set.members, ...set.children.keys()])].sort();
  return elements.flatMap((element) => {
    const path = [...prefix, element];
    const below = set.children.get(element);
    return [...(set.members.has(element) ? [path] : []), ...(below === undefined ? [] : listPaths(below, path))];
  });
}
