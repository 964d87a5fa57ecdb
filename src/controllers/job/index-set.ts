/** A run of indexes, both ends included. */
export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

/** Completion indexes as ordered ranges that neither touch nor overlap: `1,3-5` on the wire. */
export type IndexSet = readonly IndexRange[];

function parseRange(text: string, completions: number): IndexRange | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Math.min(Number(match[2] ?? first), completions - 1);
  return first <= last ? { first, last } : undefined;
}

/** Joins sets; the result is ordered and compact. */
export function mergeIndexes(...sets: readonly IndexSet[]): IndexSet {
  const merged: IndexRange[] = [];
  for (const range of sets.flat().sort((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last + 1) merged.push(range);
    else if (range.last > before.last) merged[merged.length - 1] = { first: before.first, last: range.last };
  }
  return merged;
}

/** Reads `status.completedIndexes` and the like; what is out of range or unreadable is left out. */
export function parseIndexes(text: string | undefined, completions: number): IndexSet {
  const ranges = (text ?? '').split(',').map((part) => parseRange(part, completions));
  return mergeIndexes(ranges.filter((range) => range !== undefined));
}

/** The set as it travels: two neighbours are listed, more are a range. */
export function formatIndexes(set: IndexSet): string {
  const text = ({ first, last }: IndexRange): string => {
    if (first === last) return `${first}`;
    return `${first}${last === first + 1 ? ',' : '-'}${last}`;
  };
  return set.map(text).join(',');
}

/** The set with these indexes. */
export function withIndexes(set: IndexSet, indexes: Iterable<number>): IndexSet {
  return mergeIndexes(
    set,
    [...indexes].map((index) => ({ first: index, last: index })),
  );
}

/** How many indexes there are. */
export function countIndexes(set: IndexSet): number {
  return set.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** Whether the index is in the set. */
export function hasIndex(set: IndexSet, index: number): boolean {
  return set.some(({ first, last }) => first <= index && index <= last);
}

/** How many indexes two sets share. */
export function countShared(a: IndexSet, b: IndexSet): number {
  let shared = 0;
  for (const x of a) {
    for (const y of b) shared += Math.max(0, Math.min(x.last, y.last) - Math.max(x.first, y.first) + 1);
  }
  return shared;
}

/** The lowest `count` indexes below `completions` that aren't in the set. */
export function firstMissing(set: IndexSet, count: number, completions: number): readonly number[] {
  const missing: number[] = [];
  let candidate = 0;
  for (const { first, last } of [...set, { first: completions, last: completions }]) {
    while (candidate < Math.min(first, completions) && missing.length < count) missing.push(candidate++);
    candidate = Math.max(candidate, last + 1);
  }
  return missing;
}
