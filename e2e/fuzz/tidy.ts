import type { ApiClient } from '../api-client.ts';
import type { Resource } from './requests.ts';

const LIST = { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' };
const FIRST = 'admissionregistration.k8s.io';

/** Paths of all objects that the server holds now. */
export async function objectPaths(client: ApiClient, resources: readonly Resource[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const resource of resources.filter(({ name }) => !name.includes('/'))) {
    const { status, body } = await client.send(`${resource.root}/${resource.name}`, { headers: LIST });
    // Reviews and the like are never listed.
    if (status === 200) paths.push(...pathsIn(resource, body.toString()));
  }
  return paths;
}

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function pathsIn({ root, name: plural }: Resource, list: string): readonly string[] {
  const { items } = JSON.parse(list) as { readonly items: readonly Named[] };
  return items.map(({ metadata: { name, namespace } }) => {
    const place = namespace === undefined ? root : `${root}/namespaces/${namespace}`;
    return `${place}/${plural}/${encodeURIComponent(name)}`;
  });
}

/**
 * Deletes what wasn't there before, with whatever would hold it: what is in memory afterwards was not asked for by
 * anybody. What decides about other objects goes first.
 */
export async function deleteAllBut(
  before: readonly string[],
  client: ApiClient,
  resources: readonly Resource[],
): Promise<void> {
  const kept = new Set(before);
  const deciding = (path: string) => Number(!path.includes(FIRST));
  const made = (await objectPaths(client, resources)).filter((path) => !kept.has(path));
  for (const path of made.toSorted((a, b) => deciding(a) - deciding(b))) await deleteWhole(client, path);
}

async function deleteWhole(client: ApiClient, path: string): Promise<void> {
  const headers = { 'content-type': 'application/merge-patch+json' };
  await client.send(path, { method: 'DELETE', body: '{"gracePeriodSeconds":0,"propagationPolicy":"Background"}' });
  await client.send(path, { method: 'PATCH', headers, body: '{"metadata":{"finalizers":null}}' });
}
