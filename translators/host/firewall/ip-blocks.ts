import { formatIp, type IpFamily, type IpRange, parseCidr } from '../../../src/machinery/ip.ts';

/** `ipBlock` of a NetworkPolicy. */
export interface IpBlock {
  readonly cidr: string;
  readonly except?: readonly string[];
}

/** The addresses of these blocks in one family as disjoint ranges, lowest first, the way nft writes them. Pure. */
export function blockRanges(blocks: readonly IpBlock[], family: IpFamily): readonly string[] {
  const allowed = blocks.flatMap(({ cidr, except = [] }) => {
    const range = parseCidr(cidr);
    if (range?.family !== family) return [];
    return except.reduce((left, hole) => left.flatMap((part) => without(part, parseCidr(hole))), [range]);
  });
  return joined(allowed).map(({ first, last }) => {
    const [from, to] = [formatIp({ family, value: first }), formatIp({ family, value: last })];
    return from === to ? from : `${from}-${to}`;
  });
}

function without(range: IpRange, hole: IpRange | undefined): readonly IpRange[] {
  if (hole?.family !== range.family || hole.last < range.first || hole.first > range.last) return [range];
  return [
    ...(hole.first > range.first ? [{ ...range, last: hole.first - 1n }] : []),
    ...(hole.last < range.last ? [{ ...range, first: hole.last + 1n }] : []),
  ];
}

/** Ranges that overlap or touch become one. */
function joined(ranges: readonly IpRange[]): readonly IpRange[] {
  const sorted = [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const result: IpRange[] = [];
  for (const range of sorted) {
    const before = result.at(-1);
    if (before === undefined || range.first > before.last + 1n) result.push(range);
    else if (range.last > before.last) result[result.length - 1] = { ...before, last: range.last };
  }
  return result;
}
