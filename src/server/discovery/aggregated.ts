import type { KindDefinition } from '../../kinds/definition.ts';
import { groupsOf, kindsOf, versionsOf } from './legacy.ts';

/**
 * `APIGroupDiscoveryList` (apidiscovery.k8s.io): all groups of `/api` (the core group) or `/apis` (the others)
 * with all their resources in one document.
 */
export function aggregatedDiscovery(
  catalogue: readonly KindDefinition[],
  options: { readonly core: boolean; readonly version: string },
): object {
  const groups = groupsOf(catalogue).filter((group) => (group === '') === options.core);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${options.version}`,
    metadata: {},
    items: groups.map((group) => groupItem(catalogue, group)),
  };
}

function groupItem(catalogue: readonly KindDefinition[], group: string): object {
  return {
    metadata: group === '' ? {} : { name: group },
    versions: versionsOf(catalogue, group).map((version) => ({
      version,
      resources: kindsOf(catalogue, { group, version }).map(resourceItem),
      freshness: 'Current',
    })),
  };
}

function resourceItem(kind: KindDefinition): object {
  const { plural, singular, namespaced, verbs, shortNames, categories, subresources } = kind;
  return {
    resource: plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [...verbs].sort(),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0 ? {} : { subresources: subresources.map((item) => subresourceItem(kind, item)) }),
  };
}

function subresourceItem(kind: KindDefinition, subresource: KindDefinition['subresources'][number]): object {
  const { group, version, kind: name } = subresource.kind ?? kind;
  return { subresource: subresource.name, responseKind: { group, version, kind: name }, verbs: subresource.verbs };
}
