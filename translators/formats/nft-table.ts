/** A set (values undefined) or a map, without its elements. See nft(8). */
export interface NftSet {
  /** `ipv4_addr . inet_service : verdict`: with a colon it is a map. */
  readonly type: string;
  readonly flags?: readonly ('interval' | 'dynamic' | 'timeout')[];
  /** Lifetime of dynamic elements in seconds. */
  readonly timeoutSeconds?: number;
}

/** A chain: base chains say where they hook in. */
export interface NftChain {
  readonly hook?: string;
  readonly rules: readonly string[];
}

/** Elements by their key as nft prints it; '' is the value in a set that is no map. */
export type NftElements = { readonly [key: string]: string };

/** What one owner puts into a table. Owners may claim the same names; they claim the same contents then. */
export interface NftPart {
  readonly sets?: { readonly [name: string]: NftSet };
  readonly chains?: { readonly [name: string]: NftChain };
  /** By set; those of a set that nobody declares wait for one who does. */
  readonly elements?: { readonly [set: string]: NftElements };
}

/** Longest name of a chain or a set that the kernel takes (NFT_NAME_MAXLEN, without its final zero). */
export const NFT_NAME_LIMIT = 127;

/** `map` or `set`, as nft's commands say it. */
export function setKeyword(set: NftSet): 'map' | 'set' {
  return set.type.includes(' : ') ? 'map' : 'set';
}

/** A declaration inside of a table's braces; without elements it doesn't name any. */
export function setBlock(name: string, set: NftSet, elements: ReadonlyMap<string, string> = new Map()): string {
  const lines = [`type ${set.type}`];
  if (set.flags?.length) lines.push(`flags ${set.flags.join(', ')}`);
  if (set.timeoutSeconds !== undefined) lines.push(`timeout ${set.timeoutSeconds}s`);
  if (elements.size > 0) lines.push(`elements = { ${elementList(elements)} }`);
  return `  ${setKeyword(set)} ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}

/** A chain inside of a table's braces. */
export function chainBlock(name: string, chain: NftChain): string {
  const lines = [...(chain.hook ? [chain.hook] : []), ...chain.rules];
  return `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}

/** `key : value, …`, or keys alone. */
export function elementList(elements: Iterable<readonly [string, string]>): string {
  return [...elements].map(([key, value]) => (value === '' ? key : `${key} : ${value}`)).join(', ');
}
