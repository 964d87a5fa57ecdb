import { type Claims, createClaims } from './claims.ts';
import {
  chainBlock,
  elementList,
  type NftChain,
  type NftPart,
  type NftSet,
  setBlock,
  setKeyword,
} from './nft-table.ts';

/** Parts by their owner; undefined takes one away. */
export type NftPartChanges = ReadonlyMap<string, NftPart | undefined>;

/**
 * One nftables table as the sum of its owners' parts. Knows nothing of the kernel: whoever can't get a script accepted
 * undoes the change or replaces the table.
 */
export interface NftLedger {
  /** Replaces parts and returns the script of the difference, at a cost that goes by what differs; '' when nothing does. */
  change(parts: NftPartChanges): string;
  /** The parts as they are now, for undoing a change to them. */
  current(owners: Iterable<string>): NftPartChanges;
  /** A script that replaces the whole table, valid whatever was there before. */
  whole(): string;
  /** A script that puts elements that packets had added back into those dynamic sets that there (still) are. */
  recall(memories: readonly NftRecollection[]): string;
}

/** Elements of one dynamic set, and the seconds that are left to them. */
export interface NftRecollection {
  readonly set: string;
  readonly elements: readonly { readonly key: string; readonly secondsLeft: number }[];
}

interface State {
  readonly parts: Map<string, NftPart>;
  readonly sets: Claims<NftSet>;
  readonly chains: Claims<NftChain>;
  readonly elements: Map<string, Claims<string>>;
}

/** What was there before a change, by name; undefined for what wasn't. */
interface Before {
  readonly sets: Map<string, NftSet | undefined>;
  readonly chains: Map<string, NftChain | undefined>;
  readonly elements: Map<string, Map<string, string | undefined>>;
}

/** An empty table; `id` is its family and name, `inet quadshift`. */
export function createNftLedger(id: string): NftLedger {
  const state: State = { parts: new Map(), sets: createClaims(), chains: createClaims(), elements: new Map() };
  return {
    change: (parts) => {
      const before: Before = { sets: new Map(), chains: new Map(), elements: new Map() };
      for (const [owner, part] of parts) {
        put(state, before, { owner, part: state.parts.get(owner), withdraw: true });
        put(state, before, { owner, part, withdraw: false });
        if (part === undefined) state.parts.delete(owner);
        else state.parts.set(owner, part);
      }
      for (const set of before.elements.keys()) if (state.elements.get(set)?.isEmpty()) state.elements.delete(set);
      return differenceScript(id, state, before);
    },
    current: (owners) => new Map([...owners].map((owner) => [owner, state.parts.get(owner)])),
    whole: () => {
      const sets = state.sets.entries().map(([name, set]) => setBlock(name, set, new Map(elementsOf(state, name))));
      const chains = state.chains.entries().map(([name, chain]) => chainBlock(name, chain));
      return `table ${id}\ndelete table ${id}\ntable ${id} {\n${[...sets, ...chains].join('')}}\n`;
    },
    recall: (memories) => {
      const known = memories.filter(({ set }) => state.sets.get(set)?.flags?.includes('dynamic'));
      return known.map((memory) => recallScript(id, memory)).join('');
    },
  };
}

function recallScript(id: string, { set, elements }: NftRecollection): string {
  const left = elements.map(({ key, secondsLeft }) => [`${key} expires ${secondsLeft}s`, ''] as const);
  return elementCommand('add', `${id} ${set}`, left);
}

interface Put {
  readonly owner: string;
  readonly part: NftPart | undefined;
  readonly withdraw: boolean;
}

function put(state: State, before: Before, claim: Put): void {
  const { part = {}, owner, withdraw } = claim;
  for (const [name, set] of Object.entries(part.sets ?? {})) {
    remember(before.sets, name, state.sets);
    state.sets.claim(name, owner, withdraw ? undefined : set);
  }
  for (const [name, chain] of Object.entries(part.chains ?? {})) {
    remember(before.chains, name, state.chains);
    state.chains.claim(name, owner, withdraw ? undefined : chain);
  }
  for (const set of Object.keys(part.elements ?? {})) putElements(state, before, { ...claim, set });
}

function putElements(state: State, before: Before, claim: Put & { readonly set: string }): void {
  const { set, part, owner, withdraw } = claim;
  const claims = state.elements.get(set) ?? createClaims<string>();
  const old = before.elements.get(set) ?? new Map<string, string | undefined>();
  state.elements.set(set, claims);
  before.elements.set(set, old);
  for (const [key, value] of Object.entries(part?.elements?.[set] ?? {})) {
    remember(old, key, claims);
    claims.claim(key, owner, withdraw ? undefined : value);
  }
}

function remember<T>(before: Map<string, T | undefined>, name: string, claims: Claims<T>): void {
  if (!before.has(name)) before.set(name, claims.get(name));
}

function elementsOf(state: State, set: string): readonly (readonly [string, string])[] {
  return state.elements.get(set)?.entries() ?? [];
}

/** In the order in which nothing refers to what isn't there. */
function differenceScript(id: string, state: State, before: Before): string {
  const sets = [...before.sets].map(([name, old]) => ({ name, old, now: state.sets.get(name) }));
  const chains = [...before.chains].map(([name, old]) => ({ name, old, now: state.chains.get(name) }));
  for (const { name, old, now } of sets) {
    if (old && now && (old.type !== now.type || old.timeoutSeconds !== now.timeoutSeconds)) {
      throw new Error(`the set ${name} can't change its nature: it wants another name`);
    }
  }
  const fresh = sets.flatMap(({ name, old, now }) => (old === undefined && now !== undefined ? [{ name, now }] : []));
  const goneChains = chains.filter(({ old, now }) => old !== undefined && now === undefined);
  return [
    ...fresh.map(({ name, now }) => `table ${id} {\n${setBlock(name, now)}}\n`),
    ...changedChains(id, chains),
    ...fresh.map(({ name }) => elementCommand('add', `${id} ${name}`, elementsOf(state, name))),
    ...changedElements(id, state, before),
    ...goneChains.map(({ name }) => `flush chain ${id} ${name}\n`),
    ...goneChains.map(({ name }) => `delete chain ${id} ${name}\n`),
    ...sets.flatMap(({ name, old, now }) =>
      old !== undefined && now === undefined ? [`delete ${setKeyword(old)} ${id} ${name}\n`] : [],
    ),
  ].join('');
}

interface ChainChange {
  readonly name: string;
  readonly old: NftChain | undefined;
  readonly now: NftChain | undefined;
}

/** All are declared before the first is filled: rules may lead to any of them. */
function changedChains(id: string, chains: readonly ChainChange[]): readonly string[] {
  const changed = chains.flatMap(({ name, old, now }) =>
    now === undefined || (old !== undefined && sameRules(old, now)) ? [] : [{ name, now, isNew: old === undefined }],
  );
  return [
    ...changed.map(({ name, isNew }) => (isNew ? `add chain ${id} ${name}\n` : `flush chain ${id} ${name}\n`)),
    ...changed.flatMap(({ name, now }) => now.rules.map((rule) => `add rule ${id} ${name} ${rule}\n`)),
  ];
}

function sameRules(old: NftChain, now: NftChain): boolean {
  return old.rules.length === now.rules.length && old.rules.every((rule, i) => rule === now.rules[i]);
}

/** Of sets that were there and still are. */
function changedElements(id: string, state: State, before: Before): readonly string[] {
  return [...before.elements].flatMap(([set, keys]) => {
    if (state.sets.get(set) === undefined || (before.sets.has(set) && before.sets.get(set) === undefined)) return [];
    const claims = state.elements.get(set);
    const changes = [...keys].map(([key, old]) => ({ key, old, now: claims?.get(key) }));
    const real = changes.filter(({ old, now }) => old !== now);
    const gone = real.flatMap(({ key, old }) => (old === undefined ? [] : [[key, ''] as const]));
    const added = real.flatMap(({ key, now }) => (now === undefined ? [] : [[key, now] as const]));
    return [elementCommand('delete', `${id} ${set}`, gone), elementCommand('add', `${id} ${set}`, added)];
  });
}

function elementCommand(verb: 'add' | 'delete', set: string, elements: readonly (readonly [string, string])[]): string {
  return elements.length === 0 ? '' : `${verb} element ${set} { ${elementList(elements)} }\n`;
}
