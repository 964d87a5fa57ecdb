import { notAcceptable, type StatusError } from '../machinery/status-error.ts';

/** The representation that a client asked for: plain, or one that the server makes of the object. */
export interface Representation {
  readonly format: 'json' | 'yaml';
  readonly as: '' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
}

/** One clause of an `Accept` header. */
export interface AcceptClause {
  /** Lower case, without parameters. */
  readonly type: string;
  readonly parameters: { readonly [name: string]: string };
}

const TRANSFORMS = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const;
const VERSIONS = new Set(['v1', 'v1beta1']);
const ACCEPTED = 'application/json, application/yaml';

/** Clauses of an `Accept` header, best first; an absent header accepts everything. */
export function parseAccept(header: string | undefined): readonly AcceptClause[] {
  const clauses = (header === undefined || header.trim() === '' ? '*/*' : header).split(',').map(parseClause);
  return clauses
    .map((clause) => ({ clause, quality: Number(clause.parameters['q'] ?? 1) || 0 }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ clause }) => clause);
}

function parseClause(text: string): AcceptClause {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const pairs = parameters.map((part) => {
    const at = part.indexOf('=');
    return at < 0
      ? [part, '']
      : [
          part.slice(0, at).trim(),
          part
            .slice(at + 1)
            .trim()
            .replace(/^"|"$/g, ''),
        ];
  });
  return { type: type.toLowerCase(), parameters: Object.fromEntries(pairs) };
}

/** Picks the representation of an object, a list or a watch. Throws 406 when nothing on the list can be made. */
export function negotiate(
  header: string | undefined,
  transforms: readonly Representation['as'][] = TRANSFORMS,
): Representation {
  for (const clause of parseAccept(header)) {
    const format = formatOf(clause.type);
    const as = format && transformOf(clause.parameters, transforms);
    if (format !== undefined && as !== undefined) return { format, as };
  }
  throw unacceptable();
}

/** 406 for a client that takes nothing of what can be made. */
export function unacceptable(): StatusError {
  return notAcceptable(`only the following media types are accepted: ${ACCEPTED}`);
}

function formatOf(type: string): Representation['format'] | undefined {
  if (type === 'application/json' || type === 'application/*' || type === '*/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

function transformOf(
  parameters: AcceptClause['parameters'],
  transforms: readonly Representation['as'][],
): Representation['as'] | undefined {
  const { as = '', g = 'meta.k8s.io', v = 'v1' } = parameters;
  if (as === '') return '';
  const known = transforms.find((transform) => transform === as);
  return g === 'meta.k8s.io' && VERSIONS.has(v) ? known : undefined;
}
