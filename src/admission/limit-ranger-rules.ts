import type { Amounts } from '../kinds/quota/amounts.ts';
import { formatQuantity, type Quantity, quantityToFloat } from '../machinery/quantity.ts';

/** What is asked for. */
export interface Usage {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

interface Comparison {
  readonly what: string;
  readonly bound: Quantity;
  readonly given: Quantity | undefined;
}

function inOrder(bounds: Amounts): readonly (readonly [string, Quantity])[] {
  return [...bounds].sort(([a], [b]) => (a < b ? -1 : 1));
}

function exceeds({ bound, given }: Comparison): boolean {
  return given !== undefined && given.nano > bound.nano;
}

function below({ bound, given }: Comparison): boolean {
  return given !== undefined && given.nano < bound.nano;
}

/** The first of the given amounts that is wrong, as a sentence. */
function firstWrong(
  rule: string,
  { bound, isWrong }: { readonly bound: Quantity; readonly isWrong: (comparison: Comparison) => boolean },
  given: readonly (readonly [what: string, amount: Quantity | undefined])[],
): readonly string[] {
  const [found] = given.filter(([what, amount]) => isWrong({ what, bound, given: amount }));
  if (found?.[1] === undefined) return [];
  return [`${rule} is ${formatQuantity(bound)}, but ${found[0]} is ${formatQuantity(found[1])}`];
}

/** `minConstraint` for every resource that has a minimum. */
export function minProblems(type: string, bounds: Amounts, { requests, limits }: Usage): readonly string[] {
  return inOrder(bounds).flatMap(([name, bound]) => {
    const rule = `minimum ${name} usage per ${type}`;
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (request === undefined) return [`${rule} is ${formatQuantity(bound)}.  No request is specified`];
    const given = [
      ['request', request],
      ['limit', limit],
    ] as const;
    return firstWrong(rule, { bound, isWrong: below }, given);
  });
}

/** `maxConstraint` for every resource that has a maximum; for claims it is called a request. */
export function maxProblems(
  type: string,
  bounds: Amounts,
  { requests, limits }: Usage,
  limitWord: 'limit' | 'request' = 'limit',
): readonly string[] {
  return inOrder(bounds).flatMap(([name, bound]) => {
    const rule = `maximum ${name} usage per ${type}`;
    const limit = limits.get(name);
    if (limit === undefined) return [`${rule} is ${formatQuantity(bound)}.  No ${limitWord} is specified`];
    const given = [
      [limitWord, limit],
      ['request', requests.get(name)],
    ] as const;
    return firstWrong(rule, { bound, isWrong: exceeds }, given);
  });
}

/** `limitRequestRatioConstraint` for every resource with one. */
export function ratioProblems(type: string, bounds: Amounts, { requests, limits }: Usage): readonly string[] {
  return inOrder(bounds).flatMap(([name, bound]) => {
    const rule = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`;
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (!request?.nano) return [`${rule}, but no request is specified or request is 0`];
    if (!limit?.nano) return [`${rule}, but no limit is specified or limit is 0`];
    const ratio = quantityToFloat(limit) / quantityToFloat(request);
    return ratio > quantityToFloat(bound) ? [`${rule}, but provided ratio is ${ratio.toFixed(6)}`] : [];
  });
}
