/** The parts of a store key. `namespace` is '' for cluster-scoped objects, `group` is '' for the core group. */
export interface StoreKeyParts {
  readonly group: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
}

/** Key of one object: `/<group>/<plural>/<namespace>/<name>`. */
export function storeKey(parts: StoreKeyParts): string {
  return `/${parts.group}/${parts.plural}/${parts.namespace}/${parts.name}`;
}

/** Prefix of all objects of a resource, or of those in one namespace. Always ends with `/`. */
export function storePrefix(resource: { readonly group: string; readonly plural: string }, namespace?: string): string {
  const all = `/${resource.group}/${resource.plural}/`;
  return namespace === undefined || namespace === '' ? all : `${all}${namespace}/`;
}

/**
 * Whether a key lies below a prefix. A prefix either ends with `/` and covers everything below it, or is one
 * complete key and covers just that.
 */
export function isBelow(key: string, prefix: string): boolean {
  return prefix.endsWith('/') ? key.startsWith(prefix) : key === prefix;
}

/** Every prefix that covers a key, widest first, the key itself last. */
export function prefixesOf(key: string): readonly string[] {
  const prefixes: string[] = [];
  for (let slash = key.indexOf('/'); slash !== -1; slash = key.indexOf('/', slash + 1)) {
    prefixes.push(key.slice(0, slash + 1));
  }
  prefixes.push(key);
  return prefixes;
}

/** The `/<group>/<plural>/` part of a key or prefix; undefined when the prefix is shorter than that. */
export function resourcePrefixOf(key: string): string | undefined {
  const group = key.indexOf('/', 1);
  const plural = group === -1 ? -1 : key.indexOf('/', group + 1);
  return plural === -1 ? undefined : key.slice(0, plural + 1);
}
