import type { Node } from './ast.ts';
import { added, either, exactly, multiplied, plus, type Size, scaled, times, UNKNOWN } from './sizes.ts';
import type { CelType } from './types.ts';

/** An argument of a call, as far as costs go. */
export interface CostedArgument {
  readonly node: Node;
  readonly type: CelType;
  /** Undefined where nothing is known. */
  readonly size: Size | undefined;
  /** Size of a list's items. */
  readonly itemSize: Size;
}

/** What a call costs at most, without its arguments; and how large its result is, where that is known. */
export interface CallCost {
  readonly cost: number;
  readonly size?: Size;
}

/** A call: the receiver of a member function stands apart. */
export interface CostedCall {
  readonly target: CostedArgument | undefined;
  readonly args: readonly CostedArgument[];
}

type Coster = (call: CostedCall) => CallCost | undefined;

/** Going through a text once; a step of a regular expression. */
const TRAVERSAL = 0.1;
const REGEX = 0.25;
const FORMAT_REGEX = 128;
const ASK_AUTHORIZER = 350_000;
const ADDRESS: Size = { min: 4, max: 16 };

const one: CallCost = { cost: 1 };
const sizeOf = (argument: CostedArgument | undefined): Size => argument?.size ?? UNKNOWN;
const traversal = (size: Size, factor = TRAVERSAL): number => scaled(size.max, factor);
const isText = ({ type }: CostedArgument): boolean => type.kind === 'string' || type.kind === 'bytes';
const mayBeText = (argument: CostedArgument): boolean => isText(argument) || argument.type.kind === 'dyn';

const firstArgument =
  (factor = TRAVERSAL): Coster =>
  ({ args: [first] }) =>
    first && { cost: traversal(sizeOf(first), factor) };

const kept: Coster = ({ target }) => {
  if (target === undefined) return undefined;
  const size = sizeOf(target);
  return { cost: traversal(size), size };
};

const overElements: Coster = ({ target }) => {
  if (target === undefined) return undefined;
  const size = sizeOf(target);
  if (target.type.kind !== 'list') return { cost: traversal(size) };
  const { kind } = target.type.item;
  const element = kind === 'string' || kind === 'bytes' ? plus(1, traversal(target.itemSize)) : 1;
  return { cost: times(size.max, element) };
};

const regex: Coster = ({ target, args: [pattern] }) => {
  if (target === undefined || pattern === undefined) return undefined;
  const size = sizeOf(target);
  const cost = times(traversal(added(size, exactly(1))), traversal(sizeOf(pattern), REGEX));
  return { cost, size: { min: 0, max: size.max } };
};

function replacements(size: number, part: number, replacement: number): readonly [count: number, retained: number] {
  if (part === 0) return [plus(size, 1), size];
  return replacement <= part ? [0, size] : [Math.ceil(size / part), 0];
}

const replace: Coster = ({ target, args: [part, replacement] }) => {
  if (target === undefined || part === undefined || replacement === undefined) return undefined;
  const [size, from, to] = [sizeOf(target), sizeOf(part), sizeOf(replacement)];
  const [most, retained] = replacements(size.max, from.min, to.max);
  return { cost: traversal(size, 2 * TRAVERSAL), size: { min: 0, max: plus(times(most, to.max), retained) } };
};

const split: Coster = ({ target, args: [, limit] }) => {
  if (target === undefined) return undefined;
  const size = sizeOf(target);
  const given = limit?.node.op === 'literal' && typeof limit.node.value === 'bigint' ? Number(limit.node.value) : -1;
  return { cost: traversal(size, 2 * TRAVERSAL), size: { min: 0, max: given >= 0 ? given : size.max } };
};

const join: Coster = ({ target, args: [separator] }) => {
  if (target === undefined) return undefined;
  const count = sizeOf(target);
  const texts = multiplied(count, target.itemSize);
  const gaps = { min: Math.max(count.min - 1, 0), max: Math.max(count.max - 1, 0) };
  const size = separator === undefined ? texts : added(texts, multiplied(sizeOf(separator), gaps));
  return { cost: traversal(size), size };
};

const contains: Coster = ({ target, args: [part] }) =>
  target && part && { cost: times(traversal(sizeOf(target)), traversal(sizeOf(part))) };

const matches: Coster = (call) => {
  const found = regex(call);
  return found && { cost: found.cost };
};

const inside =
  (more: number): Coster =>
  ({ args: [inner] }) =>
    inner && {
      cost: plus(traversal(added(ADDRESS, ADDRESS)), more, isText(inner) ? traversal(sizeOf(inner)) : 0),
    };

const sets =
  (factor: number): Coster =>
  ({ args: [a, b] }) =>
    a && b && { cost: plus(times(sizeOf(a).max, sizeOf(b).max) * factor, 1) };

const compared: Coster = ({ args: [a, b] }) => {
  if (a === undefined || b === undefined) return undefined;
  if (a.type.kind === 'abstract' && b.type.kind === 'abstract') return one;
  return { cost: scaled(Math.min(sizeOf(a).max, sizeOf(b).max), TRAVERSAL) };
};

const ordered: Coster = (call) => (call.args.every(mayBeText) ? compared(call) : one);

const sum: Coster = ({ args: [a, b] }) => {
  if (a === undefined || b === undefined) return undefined;
  const size = added(sizeOf(a), sizeOf(b));
  if (a.type.kind === 'list' || b.type.kind === 'list') return { cost: 1, size };
  return mayBeText(a) && mayBeText(b) ? { cost: traversal(size), size } : one;
};

const membership: Coster = ({ args: [, range] }) =>
  range && (range.type.kind === 'map' ? one : { cost: sizeOf(range).max });

const url: Coster = ({ args: [text] }) => text && { cost: traversal(sizeOf(text)), size: sizeOf(text) };
const square: Coster = ({ target }) => target && { cost: times(sizeOf(target).max, sizeOf(target).max) };
const linear: Coster = ({ target }) => target && { cost: plus(sizeOf(target).max, 1), size: sizeOf(target) };

const COSTS: { readonly [name: string]: Coster } = {
  check: () => ({ cost: ASK_AUTHORIZER }),
  isSorted: overElements,
  sum: overElements,
  max: overElements,
  min: overElements,
  indexOf: overElements,
  lastIndexOf: overElements,
  url,
  'jsonpatch.escapeKey': url,
  lowerAscii: kept,
  upperAscii: kept,
  substring: kept,
  trim: kept,
  replace,
  split,
  join,
  find: regex,
  findAll: regex,
  matches,
  contains,
  startsWith: firstArgument(),
  endsWith: firstArgument(),
  cidr: firstArgument(),
  isIP: firstArgument(),
  isCIDR: firstArgument(),
  ip: ({ target, args }) => (target ? one : firstArgument()({ target, args })),
  'ip.isCanonical': firstArgument(2 * TRAVERSAL),
  containsIP: inside(0),
  containsCIDR: inside(scaled(ADDRESS.max, TRAVERSAL) + 1),
  quantity: firstArgument(),
  isQuantity: firstArgument(),
  isURL: firstArgument(),
  semver: firstArgument(),
  isSemver: firstArgument(),
  validate: ({ args: [text] }) => text && { cost: scaled(traversal(sizeOf(text)), FORMAT_REGEX * REGEX) },
  'sets.contains': sets(1),
  'sets.intersects': sets(1),
  'sets.equivalent': sets(2),
  distinct: square,
  sort: square,
  flatten: linear,
  slice: linear,
  reverse: linear,
  format: ({ target }) => target && { cost: traversal(sizeOf(target)) },
  '_==_': compared,
  '_!=_': compared,
  '_<_': ordered,
  '_<=_': ordered,
  '_>_': ordered,
  '_>=_': ordered,
  '_+_': sum,
  '@in': membership,
};

/** What a call of a function costs at most, in upstream's units. */
export function callCost(name: string, call: CostedCall): CallCost {
  return (Object.hasOwn(COSTS, name) ? COSTS[name]?.(call) : undefined) ?? one;
}

/** The size of what one of two values has. */
export function eitherSize(a: CostedArgument, b: CostedArgument): Size {
  return either(sizeOf(a), sizeOf(b));
}
