/** Values by name, each claimed by one owner or several. The owner that sorts first is heard: no order of arrival matters. */
export interface Claims<T> {
  /** Undefined withdraws the claim. */
  claim(name: string, owner: string, value: T | undefined): void;
  get(name: string): T | undefined;
  isEmpty(): boolean;
  /** All that are claimed, sorted by name. */
  entries(): readonly (readonly [string, T])[];
}

/** No claims yet. */
export function createClaims<T>(): Claims<T> {
  const byName = new Map<string, Map<string, T>>();
  const get = (name: string): T | undefined => {
    const claims = byName.get(name);
    if (claims === undefined) return undefined;
    if (claims.size === 1) return claims.values().next().value;
    return claims.get([...claims.keys()].sort()[0] ?? '');
  };
  return {
    get,
    isEmpty: () => byName.size === 0,
    claim: (name, owner, value) => {
      const claims = byName.get(name) ?? new Map<string, T>();
      if (value === undefined) claims.delete(owner);
      else claims.set(owner, value);
      if (claims.size === 0) byName.delete(name);
      else byName.set(name, claims);
    },
    entries: () =>
      [...byName.keys()].sort().flatMap((name) => {
        const value = get(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
  };
}
