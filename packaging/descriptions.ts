import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Descriptions } from '../src/server/openapi/descriptions.ts';

/** Packages whose declarations carry upstream's descriptions as comments. */
const PACKAGES = ['kubernetes-models', '@kubernetes-models/apimachinery'];

/**
 * The descriptions of these schemas, from packages of development; what is not described there is left out, and without
 * the packages everything is.
 */
export function readDescriptions(modules: string, schemas: readonly string[]): Descriptions {
  const names = new Map(schemas.map((schema) => [`I${pascalCase(schema)}`, schema]));
  const folders = PACKAGES.map((name) => join(modules, name)).filter((folder) => existsSync(folder));
  const files = folders.flatMap((cwd) => globSync('**/*.d.ts', { cwd }).map((file) => join(cwd, file)));
  const described = files.flatMap((file) => {
    const declarations = readFileSync(file, 'utf8');
    const schema = names.get(/^export type \{ I\w+ as (\w+)/m.exec(declarations)?.[1] ?? '');
    return schema === undefined ? [] : [[schema, parseDeclaration(declarations)] as const];
  });
  return Object.fromEntries(described.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `io.k8s.api.core.v1.Pod` as `IoK8sApiCoreV1Pod`. */
function pascalCase(schema: string): string {
  return schema.replace(/(?:^|[.-])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** A comment, and what it stands before: the interface or type itself, or a field of it. Not of what is nested in one. */
const COMMENTED = /^( {4})?\/\*\*\n((?: *\*.*\n)*?) *\*\/\n(?:export (?:interface|type) I|\1"([^"]+)"\??:)/gm;

/** The comments of one declaration: interface or type first, then the class that repeats it without them. */
export function parseDeclaration(text: string): Descriptions[string] {
  const found = [...text.matchAll(COMMENTED)].map(([, , comment = '', field = '']) => [field, plain(comment)] as const);
  return Object.fromEntries(found);
}

function plain(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^ *\* ?/, ''));
  const text = lines.filter((line) => line !== '@deprecated').join('\n');
  // What a formatter of comments would take for its own, and what would end them.
  return text.trim().replace(/\\([*/_<>`@{}])/g, '$1');
}
