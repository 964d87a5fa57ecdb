import type { KindDefinition } from './definition.ts';

/** The kinds that are served now. */
export interface Catalogue {
  /** Another array after every change, the same one in between. */
  readonly definitions: readonly KindDefinition[];
  /** A resource's kind in a version; without one, in the version that is preferred. */
  find(group: string, plural: string, version?: string): KindDefinition | undefined;
  /** Calls back after every change until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

/** A catalogue whose kinds come and go. */
export interface LiveCatalogue extends Catalogue {
  /** Replaces what an owner brought in; an empty list takes it all back. */
  set(owner: string, definitions: readonly KindDefinition[]): void;
}

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const STAGES: readonly (string | undefined)[] = ['alpha', 'beta', undefined];

function rankOf(version: string): readonly number[] {
  const match = VERSION.exec(version);
  if (match === null) return [-1, 0, 0];
  return [STAGES.indexOf(match[2]), Number(match[1]), Number(match[3] ?? 0)];
}

/** Order of versions by preference: v2, v1, v1beta1, v1alpha2, then all others by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)];
  for (const [position, rank] of left.entries()) {
    const difference = (right[position] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A catalogue that starts with these kinds. What was there first keeps its resource. */
export function createCatalogue(builtIn: readonly KindDefinition[]): LiveCatalogue {
  const owners = new Map<string, readonly KindDefinition[]>();
  const listeners = new Set<() => void>();
  let definitions = builtIn;
  let index = indexOf(builtIn);
  return {
    get definitions() {
      return definitions;
    },
    find: (group, plural, version) => {
      const versions = index.get(`${group}/${plural}`) ?? [];
      return version === undefined ? versions[0] : versions.find((kind) => kind.version === version);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (owner, added) => {
      const before = owners.get(owner) ?? [];
      if (added.length === 0 && before.length === 0) return;
      owners.set(owner, added);
      if (added.length === 0) owners.delete(owner);
      definitions = [...builtIn, ...withoutTaken(builtIn, [...owners.values()].flat())];
      index = indexOf(definitions);
      for (const listener of listeners) listener();
    },
  };
}

function resourceOf({ group, plural }: KindDefinition): string {
  return `${group}/${plural}`;
}

function withoutTaken(taken: readonly KindDefinition[], added: readonly KindDefinition[]): readonly KindDefinition[] {
  const resources = new Set(taken.map(resourceOf));
  return added.filter((kind) => !resources.has(resourceOf(kind)));
}

function indexOf(definitions: readonly KindDefinition[]): ReadonlyMap<string, readonly KindDefinition[]> {
  const index = new Map<string, KindDefinition[]>();
  for (const kind of definitions) {
    const versions = index.get(resourceOf(kind)) ?? [];
    index.set(
      resourceOf(kind),
      [...versions, kind].sort((a, b) => compareVersions(a.version, b.version)),
    );
  }
  return index;
}
