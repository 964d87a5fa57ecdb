import type { RemoteResource, RemoteVersion } from '../services.ts';

/** Versions of others by their group: groups and versions by priority. */
function byGroup(remote: readonly RemoteVersion[]): ReadonlyMap<string, readonly RemoteVersion[]> {
  const groups = new Map<string, RemoteVersion[]>();
  const sorted = [...remote].sort((a, b) => b.groupPriority - a.groupPriority || b.versionPriority - a.versionPriority);
  for (const each of sorted) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  return groups;
}

/** `APIGroup` of others, without type fields. */
export function remoteGroups(remote: readonly RemoteVersion[]): readonly object[] {
  return [...byGroup(remote)].map(([name, found]) => {
    const versions = found.map(({ group, version }) => ({ groupVersion: `${group}/${version}`, version }));
    return { name, versions, preferredVersion: versions[0] };
  });
}

/** `APIGroup` of one group that others serve; undefined where they don't. */
export function remoteGroup(remote: readonly RemoteVersion[], group: string): object | undefined {
  const [found] = remoteGroups(remote.filter((each) => each.group === group));
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...found };
}

function responseKind({ group, version }: RemoteVersion, resource: RemoteResource): object {
  return { group: resource.group || group, version: resource.version || version, kind: resource.kind };
}

function resourceItems(served: RemoteVersion): readonly object[] {
  const main = served.resources.filter(({ name }) => !name.includes('/'));
  return main.map((resource) => {
    const { name, singularName = '', namespaced, verbs, shortNames, categories } = resource;
    const subresources = served.resources
      .filter((each) => each.name.startsWith(`${name}/`))
      .map((each) => ({
        subresource: each.name.slice(name.length + 1),
        responseKind: responseKind(served, each),
        verbs: each.verbs,
      }));
    return {
      resource: name,
      responseKind: responseKind(served, resource),
      scope: namespaced ? 'Namespaced' : 'Cluster',
      singularResource: singularName,
      verbs,
      ...(shortNames?.length ? { shortNames } : {}),
      ...(categories?.length ? { categories } : {}),
      ...(subresources.length > 0 ? { subresources } : {}),
    };
  });
}

/** `APIGroupDiscovery` of others. */
export function remoteItems(remote: readonly RemoteVersion[]): readonly object[] {
  return [...byGroup(remote)].map(([name, found]) => ({
    metadata: { name },
    versions: found.map((each) => ({
      version: each.version,
      resources: resourceItems(each),
      freshness: each.resources.length > 0 ? 'Current' : 'Stale',
    })),
  }));
}
