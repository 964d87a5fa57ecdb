import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ApiClient } from '../api-client.ts';
import { PROJECT } from '../box/settings.ts';
import type { Resource, Surface } from './requests.ts';
import type { Definitions, Schema } from './values.ts';

type Gvk = { readonly group: string; readonly version: string; readonly kind: string };
type Described = Schema & { readonly 'x-kubernetes-group-version-kind'?: readonly Gvk[] };

type Typed = { readonly apiVersion: string; readonly kind: string };
type Known = { readonly schemas: ReadonlyMap<string, string>; readonly examples: ReadonlyMap<string, object> };

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly namespaced: boolean;
    readonly kind: string;
    readonly group?: string;
    readonly version?: string;
  }[];
}

async function json<T>(client: ApiClient, path: string): Promise<T> {
  const { status, body } = await client.send(path, { headers: { accept: 'application/json' } });
  if (status !== 200) throw new Error(`${path} answers ${status}`);
  return JSON.parse(body.toString()) as T;
}

/** Everything that the server has, by its own discovery. */
export async function readSurface(client: ApiClient): Promise<Surface> {
  const { definitions } = await json<{ readonly definitions: Definitions }>(client, '/openapi/v2');
  const { groups } = await json<{
    readonly groups: readonly { readonly versions: readonly { groupVersion: string }[] }[];
  }>(client, '/apis');
  const roots = ['/api/v1', ...groups.flatMap(({ versions }) => versions.map((each) => `/apis/${each.groupVersion}`))];
  const known = { schemas: schemasByKind(definitions), examples: readExamples() };
  const lists = await Promise.all(roots.map(async (root) => resourcesAt(root, await json(client, root), known)));
  return { resources: lists.flat(), definitions };
}

function schemasByKind(definitions: Definitions): ReadonlyMap<string, string> {
  const entries = Object.entries(definitions).flatMap(([name, schema]) =>
    ((schema as Described)['x-kubernetes-group-version-kind'] ?? []).map((gvk): [string, string] => [
      nameOf(gvk),
      name,
    ]),
  );
  return new Map(entries);
}

/** The examples of this project by their kind. */
function readExamples(): ReadonlyMap<string, object> {
  const files = globSync('examples/kinds/*.yaml', { cwd: PROJECT });
  const texts = files.map((file) => readFileSync(join(PROJECT, file), 'utf8'));
  const objects = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Typed));
  return new Map(objects.map((object) => [`${object.apiVersion} ${object.kind}`, object]));
}

function nameOf({ group, version, kind }: Gvk): string {
  return `${group}/${version}/${kind}`;
}

function resourcesAt(root: string, list: ResourceList, { schemas, examples }: Known): readonly Resource[] {
  const [listVersion = '', listGroup = ''] = list.groupVersion.split('/').reverse();
  return list.resources.map((resource) => {
    const { name, namespaced, kind, group = listGroup, version = listVersion } = resource;
    const apiVersion = group === '' ? version : `${group}/${version}`;
    const schema = schemas.get(nameOf({ group, version, kind })) ?? '';
    return { root, name, namespaced, kind, schema, apiVersion, example: examples.get(`${apiVersion} ${kind}`) };
  });
}
