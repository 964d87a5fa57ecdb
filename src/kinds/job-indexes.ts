import { goQuote } from '../machinery/go-format.ts';
import { type Parsed, parsed, unparsable } from '../machinery/parsed.ts';

type Interval = readonly [first: number, last: number];

function parseIndex(text: string, completions: number): Parsed<number> {
  if (!/^\+?\d+$/.test(text)) return unparsable(`cannot convert string to integer for index: ${goQuote(text)}`);
  const value = Number(text);
  return value < completions ? parsed(value) : unparsable(`too large index: ${goQuote(text)}`);
}

function parseInterval(text: string, completions: number): Parsed<Interval> {
  const parts = text.split('-');
  if (parts.length > 2) {
    const rule = "violates the requirement that an index interval can have at most two parts separated by '-'";
    return unparsable(`the fragment ${goQuote(text)} ${rule}`);
  }
  const [first, last] = parts.map((part) => parseIndex(part, completions));
  if (!first?.ok) return first ?? unparsable('');
  if (last === undefined) return parsed([first.value, first.value]);
  if (!last.ok) return last;
  if (first.value < last.value) return parsed([first.value, last.value]);
  return unparsable(`non-increasing order, previous: ${first.value}, current: ${last.value}`);
}

/** `validateIndexesFormat`: how many indexes there are in `1,3-5`, each below the completions. */
export function countJobIndexes(text: string, completions: number): Parsed<number> {
  let total = 0;
  let previous = -1;
  for (const part of text === '' ? [] : text.split(',')) {
    const interval = parseInterval(part, completions);
    if (!interval.ok) return interval;
    const [first, last] = interval.value;
    if (previous >= first) return unparsable(`non-increasing order, previous: ${previous}, current: ${first}`);
    total += last - first + 1;
    previous = last;
  }
  return parsed(total);
}

/** The first index that is in both texts; what can't be read is passed over. */
export function commonJobIndex(one: string, other: string, completions: number): number | undefined {
  const [left, right] = [one, other].map((text) => {
    const intervals = text.split(',').map((part) => parseInterval(part, completions));
    return intervals.flatMap((interval) => (interval.ok ? [interval.value] : []));
  });
  for (const [first, last] of left ?? []) {
    const met = right?.find(([from, to]) => first <= to && from <= last);
    if (met !== undefined) return Math.max(first, met[0]);
  }
  return undefined;
}
