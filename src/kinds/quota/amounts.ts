import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityOf,
} from '../../machinery/quantity.ts';

/** Amounts of resources by their names: a `ResourceList` that is parsed. */
export type Amounts = ReadonlyMap<string, Quantity>;

/** The amounts of a list as objects carry it; what isn't a quantity is left out. */
export function amountsOf(list: { readonly [name: string]: string } | undefined): Amounts {
  const pairs = Object.entries(list ?? {}).flatMap(([name, text]) => {
    const parsed = parseQuantity(text);
    return parsed.ok ? [[name, parsed.value] as const] : [];
  });
  return new Map(pairs);
}

/** The list that objects carry, in the order of names. */
export function listOf(amounts: Amounts): { readonly [name: string]: string } {
  const sorted = [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, quantity]) => [name, formatQuantity(withoutText(quantity))]));
}

/** A sum is written in its canonical form, not in that of one of its parts. */
function withoutText({ nano, format }: Quantity): Quantity {
  return { nano, format };
}

/** `pods=1,requests.cpu=500m`. */
export function printAmounts(amounts: Amounts): string {
  return Object.entries(listOf(amounts))
    .map(([name, text]) => `${name}=${text}`)
    .join(',');
}

/** One of something, for every name. */
export function counts(...names: readonly string[]): Amounts {
  return new Map(names.map((name) => [name, quantityOf(1)]));
}

/** The sum of many, of the names that are wanted. */
export function sumAmounts(all: Iterable<Amounts>, isWanted: (name: string) => boolean): Amounts {
  const sum = new Map<string, Quantity>();
  for (const amounts of all) {
    for (const [name, quantity] of amounts) {
      if (!isWanted(name)) continue;
      const before = sum.get(name);
      sum.set(name, before === undefined ? quantity : addQuantities(before, quantity));
    }
  }
  return sum;
}

/** `quota.Add`: names of either. */
export function addAmounts(...all: readonly Amounts[]): Amounts {
  return sumAmounts(all, () => true);
}

/** `quota.Max`: the larger of each. */
export function maxAmounts(...all: readonly Amounts[]): Amounts {
  const most = new Map<string, Quantity>();
  for (const amounts of all) {
    for (const [name, quantity] of amounts) {
      const before = most.get(name);
      if (before === undefined || compareQuantities(quantity, before) > 0) most.set(name, quantity);
    }
  }
  return most;
}

/** What `a` has more than `b`, by name; never negative. */
export function growth(a: Amounts, b: Amounts): Amounts {
  const grown = [...a].flatMap(([name, quantity]) => {
    const nano = quantity.nano - (b.get(name)?.nano ?? 0n);
    return nano > 0n ? [[name, { nano, format: quantity.format }] as const] : [];
  });
  return new Map(grown);
}

/** `quota.Mask`: only these names. */
export function mask(amounts: Amounts, has: (name: string) => boolean): Amounts {
  return new Map([...amounts].filter(([name]) => has(name)));
}
