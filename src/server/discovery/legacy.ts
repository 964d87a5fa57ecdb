import { createHash } from 'node:crypto';
import type { KindDefinition, Subresource } from '../../kinds/definition.ts';
import { compareVersions } from '../../kinds/live-catalogue.ts';
import { apiVersionOf } from '../../machinery/object.ts';

/** `GET /api`: versions of the core group. */
export function coreVersions(catalogue: readonly KindDefinition[]): object {
  const versions = versionsOf(catalogue, '');
  return {
    kind: 'APIVersions',
    versions,
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '' }],
  };
}

/** `GET /apis`: the named groups. */
export function groupList(catalogue: readonly KindDefinition[], more: readonly object[] = []): object {
  const groups = groupsOf(catalogue).filter((group) => group !== '');
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [...groups.map((group) => groupEntry(catalogue, group)), ...more],
  };
}

/** `GET /apis/<group>`; undefined when there is no such group. */
export function groupDocument(catalogue: readonly KindDefinition[], group: string): object | undefined {
  if (group === '' || versionsOf(catalogue, group).length === 0) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(catalogue, group) };
}

/** `GET /api/v1` and `/apis/<group>/<version>`; undefined when there is no such version. */
export function resourceList(
  catalogue: readonly KindDefinition[],
  gv: { readonly group: string; readonly version: string },
): object | undefined {
  const kinds = kindsOf(catalogue, gv);
  if (kinds.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(gv.group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf(gv),
    resources: kinds.flatMap(resourceEntries),
  };
}

/** Groups in the order of upstream's priorities; all others come after them, by name. */
const PREFERRED: readonly string[] = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];

/** Groups of the catalogue, in the order in which discovery lists them: the core group first. */
export function groupsOf(catalogue: readonly KindDefinition[]): readonly string[] {
  const groups = new Set(catalogue.map(({ group }) => group));
  const known = PREFERRED.filter((group) => groups.has(group));
  return [...known, ...[...groups].filter((group) => !PREFERRED.includes(group)).sort()];
}

/** Subresources as discovery lists them. */
export function byName(subresources: readonly Subresource[]): readonly Subresource[] {
  return [...subresources].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Tells versions of what is stored apart: half of a hash of the type that is in the store. */
function storageVersionHash({ view, ...kind }: KindDefinition): string {
  const { group, version, kind: name } = view?.of ?? kind;
  return createHash('sha256').update(`${group}/${version}/${name}`).digest().subarray(0, 8).toString('base64');
}

/** Versions of a group, the preferred one first. */
export function versionsOf(catalogue: readonly KindDefinition[], group: string): readonly string[] {
  return [...new Set(catalogue.filter((kind) => kind.group === group).map(({ version }) => version))].sort(
    compareVersions,
  );
}

/** Kinds of one group and version, by plural name. */
export function kindsOf(
  catalogue: readonly KindDefinition[],
  { group, version }: { readonly group: string; readonly version: string },
): readonly KindDefinition[] {
  return catalogue
    .filter((kind) => kind.group === group && kind.version === version)
    .sort((a, b) => (a.plural < b.plural ? -1 : 1));
}

function groupEntry(catalogue: readonly KindDefinition[], group: string): object {
  const versions = versionsOf(catalogue, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourceEntries(kind: KindDefinition): readonly object[] {
  const { plural, singular, namespaced, verbs, shortNames, categories } = kind;
  const names = {
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
  const stored = kind.virtual ? {} : { storageVersionHash: storageVersionHash(kind) };
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs: [...verbs].sort(),
    ...names,
    ...stored,
  };
  const subresources = byName(kind.subresources).map((subresource) => ({
    name: `${plural}/${subresource.name}`,
    singularName: '',
    namespaced,
    ...(subresource.kind?.group ? { group: subresource.kind.group, version: subresource.kind.version } : {}),
    kind: subresource.kind?.kind ?? kind.kind,
    verbs: subresource.verbs,
  }));
  return [own, ...subresources];
}
