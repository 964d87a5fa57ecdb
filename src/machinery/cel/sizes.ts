/** How many elements, characters or bytes a value has: at least, at most. */
export interface Size {
  readonly min: number;
  readonly max: number;
}

/** No more can be counted. */
const LIMIT = 2 ** 64;

/** Sum of counts, within what can be counted. */
export function plus(...counts: readonly number[]): number {
  return Math.min(
    counts.reduce((sum, count) => sum + count, 0),
    LIMIT,
  );
}

/** Product of two counts, within what can be counted. */
export function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : Math.min(a * b, LIMIT);
}

/** What a size costs at a cost per element: whole units. */
export function scaled(count: number, factor: number): number {
  return Math.min(Math.ceil(count * factor), LIMIT);
}

/** A size that is known. */
export function exactly(count: number): Size {
  return { min: count, max: count };
}

/** Nothing is known. */
export const UNKNOWN: Size = { min: 0, max: LIMIT };

/** Sum of two sizes. */
export function added(a: Size, b: Size): Size {
  return { min: plus(a.min, b.min), max: plus(a.max, b.max) };
}

/** Product of two sizes. */
export function multiplied(a: Size, b: Size): Size {
  return { min: times(a.min, b.min), max: times(a.max, b.max) };
}

/** A size that covers both. */
export function either(a: Size, b: Size): Size {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
