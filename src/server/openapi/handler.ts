import type { KindDefinition } from '../../kinds/definition.ts';
import { schemas } from '../../kinds/schema.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Answer, Call, Handler } from '../call.ts';
import { groupsOf, kindsOf, versionsOf } from '../discovery/legacy.ts';
import { unknownPath } from '../errors.ts';
import { answerTagged, hashOf } from '../etag.ts';
import { SERVER_VERSION } from '../version.ts';
import type { DescriptionSource } from './descriptions.ts';
import { buildDocument } from './document.ts';

const ROOT = '/openapi/v3';

interface Cached {
  readonly hash: string;
  readonly text: string;
}

/** Milliseconds after its last use that a document is kept: clients come in salvos, and then not for a long time. */
const KEPT = 30_000;

/** Answers `/openapi/v3` and the documents below it; each is built when it is asked for, and kept for a while. */
export function makeOpenApiHandler(registry: Registry, descriptions: DescriptionSource): Handler {
  const documents = new Map<string, Cached>();
  let forget: NodeJS.Timeout | undefined;
  return async (call) => {
    const { catalogue } = registry;
    const path = call.path.slice(ROOT.length).replace(/^\/|\/$/g, '');
    if (path === '') return answerTagged(call, JSON.stringify(indexOf(catalogue, descriptions.version)));
    const kinds = kindsAt(catalogue, path);
    if (kinds.length === 0) throw unknownPath();
    const hash = fingerprint(kinds, descriptions.version);
    const kept = documents.get(path);
    const document = kept?.hash === hash ? kept : { hash, text: await render(kinds, descriptions) };
    documents.set(path, document);
    clearTimeout(forget);
    forget = setTimeout(() => documents.clear(), KEPT).unref();
    return answerDocument(call, document);
  };
}

async function render(kinds: readonly KindDefinition[], source: DescriptionSource): Promise<string> {
  const parts = { schemas: schemasOf(kinds), descriptions: await source.read(), version: SERVER_VERSION };
  return JSON.stringify(buildDocument(kinds, parts));
}

/** The house's schemas and those that the kinds brought with them. */
export function schemasOf(kinds: readonly KindDefinition[]): { readonly [name: string]: object } {
  const own = kinds.map(({ custom }) => custom?.schemas ?? {});
  return own.every((each) => Object.keys(each).length === 0) ? schemas : Object.assign({}, schemas, ...own);
}

function answerDocument(call: Call, { hash, text }: Cached): Answer {
  const answer = answerTagged(call, text, { hash });
  if (call.query.get('hash') !== hash) return answer;
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'public, immutable', expires: nextYear() } };
}

function nextYear(): string {
  return new Date(Date.now() + 365 * 24 * 3600 * 1000).toUTCString();
}

/** `GET /openapi/v3`: where each group and version has its document, with a hash of it. */
function indexOf(catalogue: readonly KindDefinition[], described: string): object {
  const entries = groupsOf(catalogue).flatMap((group) =>
    versionsOf(catalogue, group).map((version) => {
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      const hash = fingerprint(kindsOf(catalogue, { group, version }), described);
      return [path, { serverRelativeURL: `${ROOT}/${path}?hash=${hash}` }] as const;
    }),
  );
  return { paths: Object.fromEntries(entries) };
}

function kindsAt(catalogue: readonly KindDefinition[], path: string): readonly KindDefinition[] {
  const parts = path.split('/');
  if (parts[0] === 'api' && parts.length === 2) return kindsOf(catalogue, { group: '', version: parts[1] ?? '' });
  if (parts[0] !== 'apis' || parts.length !== 3 || parts[1] === '') return [];
  return kindsOf(catalogue, { group: parts[1] ?? '', version: parts[2] ?? '' });
}

/** What a document depends on, hashed without building it: what the kinds offer, and the versions of the data. */
export function fingerprint(kinds: readonly KindDefinition[], described: string): string {
  const offered = kinds.map(({ plural, kind, schema, custom, verbs, subresources, namespaced }) => [
    plural,
    kind,
    custom?.schemas ?? schema,
    verbs,
    subresources,
    namespaced,
  ]);
  return hashOf(`${SERVER_VERSION} ${described} ${JSON.stringify(offered)}`);
}
