import type { KindDefinition, Subresource } from '../../kinds/definition.ts';
import { byName, groupsOf, kindsOf, versionsOf } from './legacy.ts';

/**
 * `APIGroupDiscoveryList` (apidiscovery.k8s.io): all groups of `/api` (the core group) or `/apis` (the others)
 * with all their resources in one document.
 */
export function aggregatedDiscovery(
  catalogue: readonly KindDefinition[],
  options: { readonly core: boolean; readonly more?: readonly object[] },
): object {
  const groups = groupsOf(catalogue).filter((group) => (group === '') === options.core);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [...groups.map((group) => groupItem(catalogue, group)), ...(options.more ?? [])],
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
    responseKind: ownKind(kind),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [...verbs].sort(),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(subresources.length === 0
      ? {}
      : { subresources: byName(subresources).map((item) => subresourceItem(kind, item)) }),
  };
}

/** The type of an answer: built-in kinds leave out what is the same as around it, as upstream's do. */
function ownKind({ custom, group, version, kind }: KindDefinition): object {
  return custom === undefined ? { group: '', version: '', kind } : { group, version, kind };
}

function subresourceItem(kind: KindDefinition, { name, kind: other, verbs }: Subresource): object {
  const foreign = other === undefined || other.group === '' ? undefined : other;
  const responseKind = foreign ?? (other === undefined ? ownKind(kind) : { group: '', version: '', kind: other.kind });
  return { subresource: name, responseKind, verbs };
}
