import type { KindDefinition } from '../kinds/definition.ts';
import { apiVersionOf } from '../machinery/object.ts';
import { notAcceptable } from '../machinery/status-error.ts';
import type { ListPage } from '../registry/registry.ts';
import { negotiate, parseAccept, type Representation } from './accept.ts';
import { answerJson, type Call, type TextAnswer } from './call.ts';
import { type ListMeta, metadataOnly, type SerializedObject } from './serialized.ts';
import { includedObject, tableText } from './table.ts';

/** Answers with one object in the form that the client accepts. */
export function answerObject(
  call: Call,
  kind: KindDefinition,
  entry: SerializedObject,
  more: { readonly status?: number; readonly warnings?: readonly string[] } = {},
): Promise<TextAnswer> {
  const asked = kind.virtual && call.info.verb === 'create' ? (['PartialObjectMetadata'] as const) : undefined;
  const representation = negotiate(call.headers.accept, asked);
  const body = representObject(representation, kind, entry, call);
  return formatted(representation, { ...answerJson(body, more.status), warnings: more.warnings });
}

/** A Status in the format that its reader takes: YAML for those who asked for it, JSON for everybody else. */
export async function inWantedFormat(call: Pick<Call, 'headers'>, answer: TextAnswer): Promise<TextAnswer> {
  const [first] = parseAccept(call.headers.accept);
  return formatted({ format: first?.type === 'application/yaml' ? 'yaml' : 'json', as: '' }, answer);
}

/** Turns a JSON answer into the wanted format. */
async function formatted(representation: Representation, answer: TextAnswer): Promise<TextAnswer> {
  if (representation.format === 'json') return answer;
  const { stringify } = await import('yaml');
  return {
    ...answer,
    contentType: 'application/yaml',
    body: stringify(JSON.parse(answer.body), { sortMapEntries: true }),
  };
}

/** One object's text in a representation. Throws 406 for a list representation. */
export function representObject(
  representation: Representation,
  kind: KindDefinition,
  entry: SerializedObject,
  call: Call,
): string {
  switch (representation.as) {
    case '':
      return entry.json;
    case 'PartialObjectMetadata':
      return metadataOnly(entry.object);
    case 'Table':
      return tableText({
        kind,
        entries: [entry],
        metadata: { resourceVersion: entry.object.metadata?.resourceVersion },
        include: includedObject(call.query),
        headers: true,
      });
    case 'PartialObjectMetadataList':
      throw notAcceptable(
        `you requested PartialObjectMetadataList, but the requested object is not a list (${kind.kind})`,
      );
    default:
      return representation.as satisfies never;
  }
}

/** A page as far as it is shown. */
type ObjectPage = Omit<ListPage, 'entries'> & { readonly entries: readonly SerializedObject[] };

/** Answers with a page of objects. Their stored texts are joined, never serialized again. */
export function answerList(call: Call, kind: KindDefinition, page: ObjectPage): Promise<TextAnswer> {
  const representation = negotiate(call.headers.accept);
  return formatted(representation, answerJson(representList(representation, kind, page, call)));
}

function representList(representation: Representation, kind: KindDefinition, page: ObjectPage, call: Call): string {
  const metadata = listMetadata(page);
  const { entries } = page;
  switch (representation.as) {
    case '':
      return joinList(
        kind.listKind ?? `${kind.kind}List`,
        apiVersionOf(kind),
        metadata,
        entries.map((entry) => entry.json),
      );
    case 'PartialObjectMetadataList': {
      const items = entries.map(({ object }) => metadataOnly(object));
      return joinList('PartialObjectMetadataList', 'meta.k8s.io/v1', metadata, items);
    }
    case 'Table':
      return tableText({
        kind,
        entries,
        metadata,
        include: includedObject(call.query),
        headers: true,
      });
    case 'PartialObjectMetadata':
      throw notAcceptable(`you requested PartialObjectMetadata, but the requested object is a list (${kind.kind}List)`);
    default:
      return representation.as satisfies never;
  }
}

function listMetadata({ resourceVersion, remainingItemCount, ...page }: ObjectPage): ListMeta {
  return { resourceVersion, continue: page.continue, remainingItemCount };
}

function joinList(kind: string, apiVersion: string, metadata: ListMeta, items: readonly string[]): string {
  const head = `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`;
  return `${head}${items.join(',')}]}`;
}
