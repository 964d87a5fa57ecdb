import { noMergeKey, PatchFormatError } from './directives.ts';
import { isFields } from './patched.ts';

/** What tells items of a list apart: the merge key's value, or the item itself in a list of primitives. */
export function identityOf(item: unknown, mergeKey: string): unknown {
  return mergeKey !== '' && isFields(item) ? item[mergeKey] : item;
}

function positions(list: readonly unknown[], mergeKey: string): ReadonlyMap<unknown, number> {
  const found = new Map<unknown, number>();
  list.forEach((item, i) => {
    const identity = identityOf(item, mergeKey);
    if (!found.has(identity)) found.set(identity, i);
  });
  return found;
}

function sortBy(items: readonly unknown[], order: ReadonlyMap<unknown, number>, mergeKey: string): readonly unknown[] {
  const rank = (item: unknown) => order.get(identityOf(item, mergeKey)) ?? -1;
  return [...items].sort((a, b) => rank(a) - rank(b));
}

/** Orders of a list: what the patch says of its own items, and what the server had. */
export interface ElementOrder {
  readonly patchOrder: readonly unknown[];
  readonly serverOrder: readonly unknown[];
  readonly mergeKey: string;
}

/**
 * A merged list in its final order: items that the patch names stand in the patch's order, the others in the server's,
 * woven so that the server's relative order wins where both are known and the patch's items come first otherwise.
 */
export function orderElements(merged: readonly unknown[], order: ElementOrder): readonly unknown[] {
  const { patchOrder, serverOrder, mergeKey } = order;
  const inPatch = positions(patchOrder, mergeKey);
  const inServer = positions(serverOrder, mergeKey);
  const isNamed = (item: unknown) => inPatch.has(identityOf(item, mergeKey));
  const left = sortBy(
    merged.filter((item) => !isNamed(item)),
    inServer,
    mergeKey,
  );
  const right = sortBy(merged.filter(isNamed), inPatch, mergeKey);
  return weave(left, right, (item) => inServer.get(identityOf(item, mergeKey)));
}

function weave(
  left: readonly unknown[],
  right: readonly unknown[],
  rank: (item: unknown) => number | undefined,
): readonly unknown[] {
  const result: unknown[] = [];
  let i = 0;
  for (const item of right) {
    const place = rank(item);
    while (i < left.length && isBefore(rank(left[i]), place)) result.push(left[i++]);
    result.push(item);
  }
  return [...result, ...left.slice(i)];
}

function isBefore(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a < b;
}

/** Refuses a patch whose items stand in another order than its `$setElementOrder` says. */
export function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return;
  let next = 0;
  for (const item of patch) {
    const identity = identityOf(item, mergeKey);
    if (mergeKey !== '' && identity === undefined) throw noMergeKey(item, mergeKey);
    while (next < order.length && identityOf(order[next], mergeKey) !== identity) next++;
    if (next >= order.length) throw new PatchFormatError("The order in patch list doesn't match $setElementOrder list");
    next++;
  }
}
