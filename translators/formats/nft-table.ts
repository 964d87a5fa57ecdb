/**
 * One nftables table as a value. Sets and maps are keyed by name, their elements by the key as nft prints it, so that
 * two tables can be compared element by element. See nft(8).
 */
export interface NftTable {
  readonly family: 'inet';
  readonly name: string;
  readonly sets: { readonly [name: string]: NftSet };
  /** Chains in the order of their definition. Regular chains have no hook. */
  readonly chains: { readonly [name: string]: NftChain };
}

/** A set (values undefined) or a map. */
export interface NftSet {
  /** `type ipv4_addr . inet_service : verdict` */
  readonly type: string;
  readonly flags?: readonly ('interval' | 'dynamic' | 'timeout')[];
  /** Lifetime of dynamic elements in seconds. */
  readonly timeoutSeconds?: number;
  /** Absent for dynamic sets: their content is the kernel's. */
  readonly elements?: { readonly [key: string]: string };
}

/** A chain: base chains say where they hook in. */
export interface NftChain {
  readonly hook?: string;
  readonly rules: readonly string[];
}

/** A script that replaces the whole table at once: valid input of `nft -f`, whatever was there before. */
export function serializeNftTable(table: NftTable): string {
  const id = `${table.family} ${table.name}`;
  const sets = Object.entries(table.sets).map(([name, set]) => setBlock(name, set));
  const chains = Object.entries(table.chains).map(([name, chain]) => chainBlock(name, chain));
  return `table ${id}\ndelete table ${id}\ntable ${id} {\n${[...sets, ...chains].join('')}}\n`;
}

/**
 * The script that turns `from` into `to`, touching only what differs; undefined when the difference is structural
 * (another set type or hook) and the table has to be replaced; '' when there is none.
 */
export function diffNftTables(from: NftTable, to: NftTable): string | undefined {
  if (!sameStructure(from, to)) return undefined;
  const id = `${to.family} ${to.name}`;
  return [
    ...addedSets(from, to).map(([name, set]) => `table ${id} {\n${setBlock(name, set)}}\n`),
    ...changedChains(from, to, id),
    ...elementChanges(from, to, id),
    ...removed(from.chains, to.chains).map((name) => `flush chain ${id} ${name}\n`),
    ...removed(from.chains, to.chains).map((name) => `delete chain ${id} ${name}\n`),
    ...removed(from.sets, to.sets).map((name) => `delete set ${id} ${name}\n`),
  ].join('');
}

function setBlock(name: string, set: NftSet): string {
  const isMap = set.type.includes(' : ');
  const lines = [`type ${set.type}`];
  if (set.flags?.length) lines.push(`flags ${set.flags.join(', ')}`);
  if (set.timeoutSeconds !== undefined) lines.push(`timeout ${set.timeoutSeconds}s`);
  const elements = elementList(set.elements ?? {});
  if (elements !== '') lines.push(`elements = { ${elements} }`);
  return `  ${isMap ? 'map' : 'set'} ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}

function elementList(elements: { readonly [key: string]: string }): string {
  const items = Object.entries(elements).map(([key, value]) => (value === '' ? key : `${key} : ${value}`));
  return items.join(', ');
}

function chainBlock(name: string, chain: NftChain): string {
  const lines = [...(chain.hook ? [chain.hook] : []), ...chain.rules];
  return `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}

function sameStructure(from: NftTable, to: NftTable): boolean {
  const sets = Object.entries(to.sets).every(([name, set]) => {
    const old = from.sets[name];
    return !old || (old.type === set.type && old.timeoutSeconds === set.timeoutSeconds);
  });
  return sets && Object.entries(to.chains).every(([name, chain]) => (from.chains[name] ?? chain).hook === chain.hook);
}

function addedSets(from: NftTable, to: NftTable): [string, NftSet][] {
  const added = Object.entries(to.sets).filter(([name]) => !from.sets[name]);
  // Elements may jump to chains that don't exist yet: they follow in their own step.
  return added.map(([name, set]) => [name, { ...set, elements: {} }]);
}

function changedChains(from: NftTable, to: NftTable, id: string): string[] {
  const changed = Object.entries(to.chains).filter(([name, chain]) => !sameRules(from.chains[name], chain));
  const declared = changed.map(([name]) => `add chain ${id} ${name}\nflush chain ${id} ${name}\n`);
  const filled = changed.flatMap(([name, chain]) => chain.rules.map((rule) => `add rule ${id} ${name} ${rule}\n`));
  return [...declared, ...filled];
}

function sameRules(old: NftChain | undefined, chain: NftChain): boolean {
  return old?.rules.length === chain.rules.length && chain.rules.every((rule, i) => rule === old.rules[i]);
}

function elementChanges(from: NftTable, to: NftTable, id: string): string[] {
  return Object.entries(to.sets).flatMap(([name, set]) => {
    const old = from.sets[name]?.elements ?? {};
    const wanted = set.elements ?? {};
    const gone = Object.entries(old).filter(([key, value]) => wanted[key] !== value);
    const added = Object.entries(wanted).filter(([key, value]) => old[key] !== value);
    const list = (entries: [string, string][]) => elementList(Object.fromEntries(entries));
    return [
      ...(gone.length ? [`delete element ${id} ${name} { ${gone.map(([key]) => key).join(', ')} }\n`] : []),
      ...(added.length ? [`add element ${id} ${name} { ${list(added)} }\n`] : []),
    ];
  });
}

function removed(from: object, to: object): string[] {
  return Object.keys(from).filter((name) => !(name in to));
}
